import ICE
import NIOCore
import Studio
import XMPP

extension CallDriver {
  /// What a call is made of, known before it begins.
  package struct Setup: Sendable {
    /// To the XMPP server, in the order of the calls.
    var send: @Sendable (XMLElement) -> Void
    /// The ICE servers and policy, which are asked for when the call begins.
    var ice: @Sendable () async throws(StreamError) -> ICETransport.Configuration
    /// The addresses of the interfaces at the moment of the question.
    var addresses: @Sendable () -> [SocketAddress]
    var oneWay: Bool
    /// Authorities to trust in besides the system's, for TURN servers that are reached by TLS.
    var caFile: String?
    var duration: TimeAmount?
    /// What the path to the same person carried last, in bits per second; nil where nothing is known of it.
    var formerRate: Int?
    /// Whether there is sound to send, which is asked for when the call begins.
    var hasSound: @Sendable () async -> Bool
    /// By which the peer is heard here; nil if there is no loudspeaker, or if the peer may not speak.
    var voice: SpeakerVoice?

    package init(
      send: @escaping @Sendable (XMLElement) -> Void,
      ice: @escaping @Sendable () async throws(StreamError) -> ICETransport.Configuration,
      addresses: @escaping @Sendable () -> [SocketAddress], oneWay: Bool, caFile: String?, duration: TimeAmount? = nil,
      formerRate: Int? = nil, hasSound: @escaping @Sendable () async -> Bool = { false }, voice: SpeakerVoice? = nil
    ) {
      self.send = send
      self.ice = ice
      self.addresses = addresses
      self.oneWay = oneWay
      self.caFile = caFile
      self.duration = duration
      self.formerRate = formerRate
      self.hasSound = hasSound
      self.voice = voice
    }
  }
}
