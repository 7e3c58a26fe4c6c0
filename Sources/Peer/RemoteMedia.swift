import ICE
import SRTP

/// What the answer says of one medium, as typed values; the order of the offer is kept.
package struct RemoteMedia: Sendable {
  package var kind: MediaKind
  package var transport: RemoteTransport
  /// Nil where the answer took no video format of ours, and for audio.
  package var video: NegotiatedVideo?

  package init(kind: MediaKind, transport: RemoteTransport, video: NegotiatedVideo?) {
    self.kind = kind
    self.transport = transport
    self.video = video
  }
}
