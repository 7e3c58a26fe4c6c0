import ICE
import NIOCore

extension TestTURNServer {
  /// What a server may be like, and what may go wrong with it.
  package struct Configuration: Sendable {
    package var realm = "example.org"
    package var username = "cam"
    package var password = "secret"
    package var nonceLifetime = TimeAmount.hours(1)
    package var lifetime: UInt32 = 600
    /// The IP address of its relayed transport addresses; nil: there are none of IPv4.
    package var relayedIPAddress: String? = "192.0.2.15"
    /// And of those that are asked for by REQUESTED-ADDRESS-FAMILY; nil: there are none.
    package var relayedIPv6Address: String?
    /// false: anybody may allocate, without a challenge.
    package var asksForCredentials = true
    /// How responses to signed requests are signed.
    package var signature = Signature.all
    /// Like MongooseICE: what it cannot decode costs the client its allocation.
    package var isFragile = false
    /// Answered with 403.
    package var forbiddenPeers: Set<SocketAddress> = []
    /// Taken from the front: an answer to the next authenticated requests of that method.
    package var errors: [STUNMethod: [STUNErrorCode]] = [:]
    /// Authenticated Allocates are answered 300 to there.
    package var alternateServer: SocketAddress?
    /// The name that the certificate there is for.
    package var alternateDomain: String?
    /// 438 to everything, each with a new nonce.
    package var alwaysStale = false
    /// Attributes of a successful Allocate that are left out.
    package var omitsMappedAddress = false
    package var omitsRelayedAddress = false
    package var omitsChallenge = false

    package enum Signature: Sendable {
      case all
      /// Like coturn: 437, 441 and the 400s come without.
      case allButSomeErrors
      /// Like MongooseICE.
      case none
      /// Another key than the client's.
      case wrong
    }

    package init() {}

    /// The original MongooseICE 0.4.1: signs nothing, empty reason phrases, loses its head over surprises.
    package static var mongooseICE: Configuration {
      var configuration = Configuration()
      configuration.signature = .none
      configuration.isFragile = true
      return configuration
    }

    var key: IntegrityKey { IntegrityKey(username: username, realm: realm, password: password) }
  }

  /// What kills MongooseICE's worker, by name; nil: harmless.
  static func trap(in payload: ByteBuffer) -> String? {
    guard payload.readableBytes > 1, let first = payload.getInteger(at: payload.readerIndex, as: UInt8.self) else {
      return "an empty or one-byte datagram"
    }
    if first >= 0x40 { return channelDataTrap(in: payload) }
    guard let message = try? STUNMessage(parsing: payload) else { return "no STUN" }
    guard message.messageClass == .request || message.messageClass == .indication else { return "a STUN response" }
    let types = Set(message.attributes.map(\.type))
    // REQUESTED-ADDRESS-FAMILY, DONT-FRAGMENT, USERHASH, PASSWORD-ALGORITHM, PRIORITY.
    if let type = [0x0017, 0x001A, 0x001E, 0x001D, 0x0024].first(where: { types.contains($0) }) {
      return "attribute \(type)"
    }
    if message.method == .send {
      guard case .v4 = message.xorPeerAddress, message.xorPeerAddress?.port != 0 else { return "Send to no such peer" }
    }
    return nil
  }

  private static func channelDataTrap(in payload: ByteBuffer) -> String? {
    guard
      let number = payload.getInteger(at: payload.readerIndex, as: UInt16.self), (0x4000...0x7FFF).contains(number),
      let length = payload.getInteger(at: payload.readerIndex + 2, as: UInt16.self)
    else { return "a channel out of range" }
    return Int(length) + 4 == payload.readableBytes ? nil : "padded ChannelData"
  }
}
