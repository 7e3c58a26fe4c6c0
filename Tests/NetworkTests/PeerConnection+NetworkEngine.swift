import Peer

@testable import Network

/// The driver's tests need no signalling.
extension PeerConnection: NetworkEngine {}
