import NIOCore
import XMPP

/// What a call that we make and one that comes in have in common, once it is under way.
package protocol JingleCall: Sendable {
  var sid: String { get }
  /// The device at the other end, or before it is known the account.
  var peer: JID { get }
  var deadline: NIODeadline? { get }

  /// False: the stanza is not for this call.
  mutating func receive(_ stanza: XMLElement, now: NIODeadline) -> Bool
  mutating func handleTimeout(now: NIODeadline)
  mutating func pollTransmit() -> XMLElement?
  mutating func pollEvent() -> CallEvent?

  mutating func sendTransportInfo(content name: String, transport: ICEUDPTransport, now: NIODeadline)
  mutating func restartICE(content name: String, usernameFragment: String, password: String, now: NIODeadline)
  mutating func modifySenders(content name: String, to senders: Content.Senders, now: NIODeadline)
  /// Hangs up, or gives up before.
  mutating func cancel(now: NIODeadline)
  mutating func terminate(_ reason: Reason, now: NIODeadline)
}
