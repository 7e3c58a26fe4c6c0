import NIOCore

/// The responder of Ad-Hoc Commands (XEP-0050), whose commands users give from a menu of their client. A command is
/// executed at once, or asks for one form to be filled in.
///
/// The permission to give commands is not checked here: pass on only the stanzas of those who have it.
package struct AdHocCommands: Sendable {
  package static let namespace = "http://jabber.org/protocol/commands"

  package struct Command: Hashable, Sendable {
    package var node: String
    package var name: String

    package init(node: String, name: String) {
      self.node = node
      self.name = name
    }
  }

  /// A request to be answered with ``reply(to:_:isProblem:)`` or ``ask(_:_:now:)``.
  package struct Request: Sendable {
    package let node: String
    /// The submitted form, if one was asked for.
    package let form: DataForm?
    package var from: JID? { stanza.from }

    fileprivate let stanza: XMLElement
    fileprivate let sessionID: String
  }

  package enum Action: Sendable {
    case reply(XMLElement)
    /// A command that is to be executed and answered.
    case perform(Request)
  }

  private struct Session {
    let node: String
    /// A session "SHOULD be valid only between one requester/responder pair" (XEP-0050 section 3.3).
    let requester: JID
    var deadline: NIODeadline
  }

  /// The application-specific error conditions (XEP-0050 section 4.4).
  private enum Problem: String {
    case malformedAction = "malformed-action"
    case badAction = "bad-action"
    case badPayload = "bad-payload"
    case sessionExpired = "session-expired"
  }

  /// The most forms that may wait to be filled in; the oldest is forgotten in favour of a new one.
  static let sessionLimit = 16
  /// How long a form may wait to be filled in.
  static let patience = TimeAmount.minutes(10)

  private let commands: [Command]
  private let makeSessionID: @Sendable () -> String
  private var sessions: [String: Session] = [:]

  /// - Parameter makeSessionID: returns a new session ID each time, which must not be guessable.
  package init(_ commands: [Command], makeSessionID: @escaping @Sendable () -> String) {
    self.commands = commands
    self.makeSessionID = makeSessionID
  }

  /// Takes a stanza; returns nil if it is neither a command nor a query for commands, or if it was stored for us and
  /// belongs to another time.
  package mutating func receive(_ stanza: XMLElement, now: NIODeadline) -> Action? {
    if let answer = discover(stanza) { return .reply(answer) }
    guard stanza.iqType == .set, let command = stanza.first("command", Self.namespace),
      !DelayedDelivery.isStamped(stanza)
    else { return nil }
    sessions = sessions.filter { $0.value.deadline > now }
    guard let node = command["node"], commands.contains(where: { $0.node == node }) else {
      return Self.refusal(stanza, .itemNotFound)
    }
    guard let sessionID = command["sessionid"] else { return begin(stanza, command, node) }
    return proceed(stanza, command, node, sessionID)
  }

  private func begin(_ stanza: XMLElement, _ command: XMLElement, _ node: String) -> Action? {
    guard (command["action"] ?? "execute") == "execute" else { return Self.refusal(stanza, for: command) }
    return .perform(Request(node: node, form: nil, stanza: stanza, sessionID: makeSessionID()))
  }

  private mutating func proceed(
    _ stanza: XMLElement, _ command: XMLElement, _ node: String, _ sessionID: String
  ) -> Action? {
    // To a requester, the session of somebody else does not exist, and an expired session cannot be told from one that
    // never existed.
    guard let session = sessions[sessionID], session.requester == stanza.from, session.node == node else {
      return Self.refusal(stanza, .notAllowed, .sessionExpired)
    }
    switch command["action"] ?? "execute" {
    case "cancel":
      sessions[sessionID] = nil
      return .reply(Self.result(stanza, node, sessionID, "canceled", []))
    case "execute", "complete", "next":
      // XEP-0050 section 3.5.1 says "SHOULD consider any <x type='cancel'/> to be <x type='submit'/>". This is not
      // followed: a user who cancels wants nothing to be done.
      guard let form = DataForm(in: command), form.kind == .submit else {
        return Self.refusal(stanza, .badRequest, .badPayload)
      }
      sessions[sessionID] = nil
      return .perform(Request(node: node, form: form, stanza: stanza, sessionID: sessionID))
    default:
      return Self.refusal(stanza, for: command)
    }
  }

  // MARK: Answers

  /// Makes the final answer to a request.
  ///
  /// - Parameter isProblem: whether `text` says that the command was not executed.
  package func reply(to request: Request, _ text: String, isProblem: Bool = false) -> XMLElement {
    Self.result(
      request.stanza, request.node, request.sessionID, "completed", [Self.note(text, isProblem ? "error" : "info")])
  }

  /// Makes an answer that asks for `form` to be filled in.
  package mutating func ask(_ request: Request, _ form: DataForm, now: NIODeadline) -> XMLElement? {
    guard let requester = request.from else { return nil }
    if sessions.count >= Self.sessionLimit, let oldest = sessions.min(by: { $0.value.deadline < $1.value.deadline }) {
      sessions[oldest.key] = nil
    }
    sessions[request.sessionID] = Session(node: request.node, requester: requester, deadline: now + Self.patience)
    var actions = XMLElement("actions", namespace: Self.namespace, attributes: ["execute": "complete"])
    actions.append(XMLElement("complete", namespace: Self.namespace))
    return Self.result(
      request.stanza, request.node, request.sessionID, "executing",
      [actions, form.element])
  }

  /// Makes the error for a requester without permission: "If the command is not available to the requester, the
  /// responder SHOULD respond with a 403 'Forbidden' error" (XEP-0050 section 2.2). Returns nil if `stanza` does not
  /// concern commands.
  package static func forbid(_ stanza: XMLElement) -> XMLElement? {
    let isCommand = stanza.iqType == .set && stanza.first("command", namespace) != nil
    guard isCommand || node(asked: stanza) != nil else { return nil }
    return stanza.errorReply(StanzaError(.cancel, .forbidden))
  }

  private static func result(
    _ stanza: XMLElement, _ node: String, _ sessionID: String, _ status: String, _ payload: [XMLElement]
  ) -> XMLElement {
    stanza.result(
      XMLElement(
        "command", namespace: namespace, attributes: ["node": node, "sessionid": sessionID, "status": status],
        children: payload.map { .element($0) }))
  }

  private static func note(_ text: String, _ type: String) -> XMLElement {
    XMLElement("note", namespace: namespace, attributes: ["type": type], children: [.text(text)])
  }

  private static func refusal(_ stanza: XMLElement, for command: XMLElement) -> Action? {
    let isKnown = ["execute", "complete", "next", "prev", "cancel"].contains(command["action"])
    return refusal(stanza, .badRequest, isKnown ? .badAction : .malformedAction)
  }

  private static func refusal(
    _ stanza: XMLElement, _ condition: StanzaError.Condition, _ problem: Problem? = nil
  ) -> Action? {
    let application = problem.map { XMLElement($0.rawValue, namespace: namespace) }
    let error = StanzaError(condition == .badRequest ? .modify : .cancel, condition, application: application)
    return stanza.errorReply(error).map { .reply($0) }
  }

  // MARK: Discovery

  /// The node that a service discovery request queries; nil if the stanza is no such request.
  private static func node(asked stanza: XMLElement) -> String? {
    guard stanza.iqType == .get else { return nil }
    let query =
      stanza.first("query", ServiceDiscovery.infoNamespace) ?? stanza.first("query", ServiceDiscovery.itemsNamespace)
    return query?["node"]
  }

  private func discover(_ stanza: XMLElement) -> XMLElement? {
    guard let node = Self.node(asked: stanza) else { return nil }
    let isInfo = stanza.first("query", ServiceDiscovery.infoNamespace) != nil
    var query = XMLElement(
      "query", namespace: isInfo ? ServiceDiscovery.infoNamespace : ServiceDiscovery.itemsNamespace,
      attributes: ["node": node])
    if node == Self.namespace {
      if isInfo {
        query.append(Self.identity(type: "command-list", name: "Commands"))
      } else {
        for command in commands {
          var item = XMLElement("item", namespace: ServiceDiscovery.itemsNamespace)
          item["jid"] = stanza["to"]
          item["node"] = command.node
          item["name"] = command.name
          query.append(item)
        }
      }
    } else if let command = commands.first(where: { $0.node == node }) {
      if isInfo {
        query.append(Self.identity(type: "command-node", name: command.name))
        for feature in [Self.namespace, DataForm.namespace] {
          query.append(XMLElement("feature", namespace: ServiceDiscovery.infoNamespace, attributes: ["var": feature]))
        }
      }
    } else {
      return stanza.errorReply(StanzaError(.cancel, .itemNotFound))
    }
    return stanza.result(query)
  }

  private static func identity(type: String, name: String) -> XMLElement {
    XMLElement(
      "identity", namespace: ServiceDiscovery.infoNamespace,
      attributes: ["category": "automation", "type": type, "name": name])
  }
}
