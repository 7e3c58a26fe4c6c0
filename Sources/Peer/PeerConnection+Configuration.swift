import ICE
import NIOCore
import SRTP

extension PeerConnection {
  package struct Configuration {
    package var ice: ICETransport.Configuration
    package var role: ICERole
    package var media: [MediaKind]
    package var certificate: Certificate
    /// The RTCP CNAME, which is random per session (RFC 7022 section 4.2).
    package var canonicalName: String
    /// The offset of the monotonic clock to NTP time, fixed for the session because the wall clock of a Raspberry Pi
    /// steps.
    package var clock: SessionClock
    package var retransmission = DTLSRetransmission()
    /// What the path to the same peer carried last, in bits per second; nil where nothing is known of it.
    package var formerRate: Int?

    package init(
      ice: ICETransport.Configuration, role: ICERole, media: [MediaKind], certificate: Certificate,
      canonicalName: String, clock: SessionClock
    ) {
      self.ice = ice
      self.role = role
      self.media = media
      self.certificate = certificate
      self.canonicalName = canonicalName
      self.clock = clock
    }
  }
}
