import Jingle
import NIOCore
import XMPP

/// The signalling of a call of either direction, as the call speaks with it.
///
/// Asked at every packet whether there is something new, it looks only where something was done to it since.
package struct Signalling: Sendable {
  private enum Direction: Sendable {
    case outgoing(OutgoingCall)
    case incoming(IncomingCall)
  }

  private var direction: Direction
  private(set) var deadline: NIODeadline?
  private var mayHaveEvents = true
  private var mayHaveStanzas = true

  private init(_ direction: Direction) {
    self.direction = direction
    deadline = call.deadline
  }

  package static func outgoing(_ call: OutgoingCall) -> Signalling { Signalling(.outgoing(call)) }
  package static func incoming(_ call: IncomingCall) -> Signalling { Signalling(.incoming(call)) }

  /// What both have in common.
  private var call: any JingleCall {
    switch direction {
    case .outgoing(let call): call
    case .incoming(let call): call
    }
  }

  package var sid: String { call.sid }
  /// The device at the other end, or before it is known the account.
  package var peer: JID { call.peer }
  package var isIncoming: Bool { if case .incoming = direction { true } else { false } }
  /// The media that were proposed.
  var media: [Media] {
    switch direction {
    case .outgoing(let call): call.media
    case .incoming(let call): call.media
    }
  }
  /// Whether the call is for sound and no picture.
  package var isForSoundAlone: Bool { media == [.audio] }

  /// The party whose sending alone leaves the peer without our picture.
  var peerAlone: Content.Senders { isIncoming ? .initiator : .responder }

  // MARK: The opening

  /// Rings at a call of ours.
  mutating func propose(now: NIODeadline) {
    mutate({ $0.propose(now: now) }, { _ in })
  }

  mutating func initiate(contents: [Content], group: ContentGroup?, now: NIODeadline) {
    mutate({ $0.initiate(contents: contents, group: group, now: now) }, { _ in })
  }

  /// Takes a call that comes in.
  mutating func answer(takesSoundAlone: Bool, now: NIODeadline) {
    mutate({ _ in }, { $0.answer(takesSoundAlone: takesSoundAlone, now: now) })
  }

  mutating func accept(contents: [Content], group: ContentGroup?, now: NIODeadline) {
    mutate({ _ in }, { $0.accept(contents: contents, group: group, now: now) })
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

  mutating func pollEvent() -> CallEvent? {
    guard mayHaveEvents else { return nil }
    let event = update({ $0.pollEvent() }, { $0.pollEvent() })
    mayHaveEvents = event != nil
    return event
  }

  mutating func pollTransmit() -> XMLElement? {
    guard mayHaveStanzas else { return nil }
    let stanza = update({ $0.pollTransmit() }, { $0.pollTransmit() })
    mayHaveStanzas = stanza != nil
    return stanza
  }

  private mutating func mutate<Result>(
    _ ours: (inout OutgoingCall) -> Result, _ theirs: (inout IncomingCall) -> Result
  ) -> Result {
    defer {
      (mayHaveEvents, mayHaveStanzas) = (true, true)
      deadline = call.deadline
    }
    return update(ours, theirs)
  }

  private mutating func update<Result>(
    _ ours: (inout OutgoingCall) -> Result, _ theirs: (inout IncomingCall) -> Result
  ) -> Result {
    switch direction {
    case .outgoing(var call):
      defer { direction = .outgoing(call) }
      return ours(&call)
    case .incoming(var call):
      defer { direction = .incoming(call) }
      return theirs(&call)
    }
  }
}
