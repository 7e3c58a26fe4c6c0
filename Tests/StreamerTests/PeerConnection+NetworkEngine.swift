import Peer

@testable import Streamer

/// The driver's tests need no signalling.
extension PeerConnection: NetworkEngine {}
