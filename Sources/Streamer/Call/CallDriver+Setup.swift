import ICE
import NIOCore
import XMPP

extension CallDriver {
  /// What a call is made of, known before it begins.
  struct Setup: Sendable {
    var client: XMPPClient
    var peer: JID
    var ice: ICETransport.Configuration
    /// Those of the interfaces, whenever it is asked.
    var addresses: @Sendable () -> [SocketAddress]
    var ringTimeout: TimeAmount
    var oneWay: Bool
    /// Authorities to trust in besides the system's, for TURN servers that are reached by TLS.
    var caFile: String?
    var duration: TimeAmount?
  }
}
