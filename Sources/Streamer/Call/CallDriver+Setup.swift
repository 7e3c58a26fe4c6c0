import ICE
import NIOCore
import XMPP

extension CallDriver {
  /// What a call is made of, known before it begins.
  struct Setup: Sendable {
    /// To the XMPP server, in the order of the calls.
    var send: @Sendable (XMLElement) -> Void
    /// Asked when the call begins.
    var ice: @Sendable () async throws(CommandError) -> ICETransport.Configuration
    /// Those of the interfaces, whenever it is asked.
    var addresses: @Sendable () -> [SocketAddress]
    var oneWay: Bool
    /// Authorities to trust in besides the system's, for TURN servers that are reached by TLS.
    var caFile: String?
    var duration: TimeAmount?
  }
}
