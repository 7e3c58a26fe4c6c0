import Call
import ICE
import Jingle
import NIOCore
import Peer
import RTP
import SRTP
import TestSupport
import Testing
import XMPP

/// A camera and a viewer with a phone, each with an account and an address, in virtual time. Both run the same engine.
final class CallWorld {
  static let turnAddress = address("203.0.113.1", 3478)

  let network: VirtualNetwork
  let server = VirtualServer()
  private(set) var camera: CallHost!
  private(set) var phone: CallHost!
  private var seeds: SeededGenerator
  private var sids = 0
  private var hostCount: UInt32 = 0

  static func address(_ text: String, _ port: Int) -> SocketAddress {
    guard let address = try? SocketAddress(ipAddress: text, port: port) else { preconditionFailure(text) }
    return address
  }

  init(seed: UInt64 = 1) throws {
    network = VirtualNetwork(seed: seed)
    seeds = SeededGenerator(seed: seed)
    camera = try host("cam@example.org/pi", at: "198.51.100.1")
    phone = try host("ann@example.net/phone", at: "198.51.100.2")
  }

  func host(_ jid: String, at address: String) throws -> CallHost {
    hostCount += 1
    let host = try CallHost(jid, at: address, in: self, number: hostCount)
    server.connect(host)
    // A socket that nobody writes to, so that the network knows the device before its first call.
    network.bind(Self.address(address, 9), LocalEndpoint(id: hostCount), of: host, in: VirtualNetwork.internet)
    host.answers = { [unowned self] in make(.incoming($0)) }
    return host
  }

  func configuration() throws -> Call.Configuration {
    Call.Configuration(
      certificate: try Certificate(),
      clock: SessionClock(
        now: network.now, wallClock: NTPTimestamp(secondsSince1970: 1_800_000_000, nanoseconds: 0)))
  }

  func make(_ signalling: Signalling, _ change: (inout Call.Configuration) -> Void = { _ in }) -> Call? {
    guard var configuration = try? configuration() else { return nil }
    // OpenSSL times lost flights by the real clock, and takes 16 ms for nearly over.
    configuration.retransmission = DTLSRetransmission(initial: .milliseconds(16), maximum: .milliseconds(16))
    change(&configuration)
    return Call(signalling, configuration) { SeededGenerator(seed: self.seeds.next()) }
  }

  /// One host calls the account of another.
  func call(
    from caller: CallHost, to callee: JID, sid: String? = nil, media: [Media] = [.audio, .video],
    _ change: (inout Call.Configuration) -> Void = { _ in }
  ) throws {
    sids += 1
    let outgoing = OutgoingCall(
      sid: sid ?? "session-\(sids)", local: caller.jid, peer: callee, media: media)
    let call = make(.outgoing(outgoing), change)
    caller.begin(try #require(call))
  }

  /// Whether both sides have a path and keys, within the time.
  @discardableResult
  func connects(within limit: TimeAmount = .seconds(10)) -> Bool {
    network.run(until: network.now + limit) { !(camera.isStreaming && phone.isStreaming) }
    return camera.isStreaming && phone.isStreaming
  }

  /// A call from the camera that stands.
  static func streaming(seed: UInt64 = 1, calledBy isPhone: Bool = false) throws -> CallWorld {
    let world = try CallWorld(seed: seed)
    try world.call(
      from: isPhone ? world.phone : world.camera, to: isPhone ? world.camera.jid.bare : world.phone.jid.bare)
    try #require(world.connects())
    return world
  }

  /// Pictures of the camera at 10 a second, each fourth second a key frame; how many were sent.
  @discardableResult
  func stream(for time: TimeAmount) -> Int {
    let end = network.now + time
    var sent = 0
    var number = 0
    while network.now < end {
      if camera.offerFrame(isKeyFrame: number % 40 == 0 || isKeyFrameWanted) == .sent { sent += 1 }
      number += 1
      network.run(for: .milliseconds(100))
    }
    return sent
  }

  private var keyFramesAnswered = 0
  private var isKeyFrameWanted: Bool {
    let asked = camera.count { if case .keyFrameRequested = $0 { true } else { false } }
    defer { keyFramesAnswered = asked }
    return asked > keyFramesAnswered
  }

  /// Datagrams of media that reached the phone since then.
  func arrivals(since start: NIODeadline) -> Int { mediaArrivals.count { $0 >= start } }

  private var mediaArrivals: [NIODeadline] = []

  /// Begins to note what reaches the phone.
  func watchArrivals() {
    network.onDelivery = { [unowned self] packet in
      let first = packet.payload.getInteger(at: packet.payload.readerIndex, as: UInt8.self) ?? 0
      // RFC 7983 section 7: RTP and RTCP; ChannelData of a relay (RFC 8656 section 12.4).
      guard phone.owns(packet.destination), 128...191 ~= first || 64...79 ~= first, packet.payload.readableBytes > 200
      else { return }
      mediaArrivals.append(network.now)
    }
  }
}
