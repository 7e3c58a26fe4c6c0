import NIOCore
import XMPP

/// The common interface of outgoing and incoming calls once they have begun.
package protocol JingleCall: Sendable {
  var sid: String { get }
  /// The device at the other end, or the account until the device is known.
  var peer: JID { get }
  var deadline: NIODeadline? { get }

  /// Takes a stanza; returns false if it does not belong to this call.
  mutating func receive(_ stanza: XMLElement, now: NIODeadline) -> Bool
  mutating func handleTimeout(now: NIODeadline)
  mutating func pollTransmit() -> XMLElement?
  mutating func pollEvent() -> CallEvent?

  mutating func sendTransportInfo(content name: String, transport: ICEUDPTransport, now: NIODeadline)
  mutating func restartICE(content name: String, usernameFragment: String, password: String, now: NIODeadline)
  mutating func modifySenders(content name: String, to senders: Content.Senders, now: NIODeadline)
  /// Ends the call, whatever its state.
  mutating func cancel(now: NIODeadline)
  /// Ends the call for this reason, whatever its state.
  mutating func terminate(_ reason: Reason, now: NIODeadline)
}
