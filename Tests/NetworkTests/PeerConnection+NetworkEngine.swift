import ICE
import NIOCore
import Peer
import RTP
import SRTP

@testable import Network

/// The driver's tests need no signalling.
extension PeerConnection: NetworkEngine {
  /// The side that offers video.
  static func forTests(_ ice: ICETransport.Configuration = .init()) throws -> PeerConnection {
    PeerConnection(
      configuration: .init(
        ice: ice, role: .controlling, media: [.video], certificate: try Certificate(), canonicalName: "cam",
        clock: SessionClock(now: .now(), wallClock: NTPTimestamp(secondsSince1970: 0, nanoseconds: 0)))
    ) { SystemRandomNumberGenerator() }
  }
}
