import Jingle
import NIOCore
import XMPP

/// The signalling of a call of either direction, as the call speaks with it.
package enum Signalling: Sendable {
  case outgoing(OutgoingCall)
  case incoming(IncomingCall)

  /// What both have in common.
  var call: any JingleCall {
    switch self {
    case .outgoing(let call): call
    case .incoming(let call): call
    }
  }

  package var sid: String { call.sid }
  /// The device at the other end, or before it is known the account.
  package var peer: JID { call.peer }
  package var isIncoming: Bool { if case .incoming = self { true } else { false } }

  /// The party whose sending alone leaves the peer without our picture.
  var peerAlone: Content.Senders {
    switch self {
    case .outgoing: .responder
    case .incoming: .initiator
    }
  }

  var deadline: NIODeadline? { call.deadline }

  // MARK: The opening

  /// Rings at a call of ours.
  mutating func propose(now: NIODeadline) {
    guard case .outgoing(var call) = self else { return }
    call.propose(now: now)
    self = .outgoing(call)
  }

  mutating func initiate(contents: [Content], group: ContentGroup?, now: NIODeadline) {
    guard case .outgoing(var call) = self else { return }
    call.initiate(contents: contents, group: group, now: now)
    self = .outgoing(call)
  }

  /// Takes a call that comes in.
  mutating func answer(now: NIODeadline) {
    guard case .incoming(var call) = self else { return }
    call.answer(now: now)
    self = .incoming(call)
  }

  mutating func accept(contents: [Content], group: ContentGroup?, now: NIODeadline) {
    guard case .incoming(var call) = self else { return }
    call.accept(contents: contents, group: group, now: now)
    self = .incoming(call)
  }

  // MARK: The session

  mutating func receive(_ stanza: XMLElement, now: NIODeadline) -> Bool {
    mutate({ $0.receive(stanza, now: now) }, { $0.receive(stanza, now: now) })
  }

  mutating func sendTransportInfo(content name: String, transport: ICEUDPTransport, now: NIODeadline) {
    mutate(
      { $0.sendTransportInfo(content: name, transport: transport, now: now) },
      { $0.sendTransportInfo(content: name, transport: transport, now: now) })
  }

  mutating func restartICE(content name: String, usernameFragment: String, password: String, now: NIODeadline) {
    mutate(
      { $0.restartICE(content: name, usernameFragment: usernameFragment, password: password, now: now) },
      { $0.restartICE(content: name, usernameFragment: usernameFragment, password: password, now: now) })
  }

  mutating func modifySenders(content name: String, to senders: Content.Senders, now: NIODeadline) {
    mutate(
      { $0.modifySenders(content: name, to: senders, now: now) },
      { $0.modifySenders(content: name, to: senders, now: now) })
  }

  /// Takes the call back, or hangs up.
  mutating func cancel(now: NIODeadline) {
    mutate({ $0.cancel(now: now) }, { $0.cancel(now: now) })
  }

  mutating func terminate(_ reason: Reason, now: NIODeadline) {
    mutate({ $0.terminate(reason, now: now) }, { $0.terminate(reason, now: now) })
  }

  mutating func handleTimeout(now: NIODeadline) {
    mutate({ $0.handleTimeout(now: now) }, { $0.handleTimeout(now: now) })
  }

  mutating func pollEvent() -> CallEvent? { mutate({ $0.pollEvent() }, { $0.pollEvent() }) }
  mutating func pollTransmit() -> XMLElement? { mutate({ $0.pollTransmit() }, { $0.pollTransmit() }) }

  private mutating func mutate<Result>(
    _ ours: (inout OutgoingCall) -> Result, _ theirs: (inout IncomingCall) -> Result
  ) -> Result {
    switch self {
    case .outgoing(var call):
      defer { self = .outgoing(call) }
      return ours(&call)
    case .incoming(var call):
      defer { self = .incoming(call) }
      return theirs(&call)
    }
  }
}
