import ICE
import SRTP

/// What the peer's offer or answer says of one medium, as typed values; the order of the offer is kept.
package struct RemoteMedia: Sendable {
  package var kind: MediaKind
  package var transport: RemoteTransport
  /// Nil where there is no video format that both sides know, and for audio.
  package var video: NegotiatedVideo?

  package init(kind: MediaKind, transport: RemoteTransport, video: NegotiatedVideo?) {
    self.kind = kind
    self.transport = transport
    self.video = video
  }
}
