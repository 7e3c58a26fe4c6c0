import Call
import ICE
import Jingle
import NIOCore
import Peer
import RTP
import TestSupport
import XMPP

/// A device on a virtual network with an account, and the calls that it makes or takes; stanzas reach it through
/// ``VirtualServer``.
final class CallHost: VirtualHost {
  let jid: JID
  let address: SocketAddress
  private let world: CallWorld
  private(set) var call: Call?
  /// What its calls told, in order.
  private(set) var events: [(event: Call.Event, at: NIODeadline)] = []
  /// What it was sent, and what it sent.
  private(set) var received: [(stanza: XMLElement, at: NIODeadline)] = []
  private(set) var sent: [(stanza: XMLElement, at: NIODeadline)] = []
  private var inbox: [(stanza: XMLElement, at: NIODeadline)] = []
  private var sockets: [LocalEndpoint: SocketAddress] = [:]
  private var nextEndpoint: UInt32
  private var pictures: SeededGenerator
  var ice = ICETransport.Configuration()
  /// How it takes a call; nil: it is not at home.
  var answers: ((IncomingCall) -> Call?)?
  /// Whether it opens sockets when it is asked to.
  var hasNetwork = true
  /// Whether it has sound to send.
  var hasSound = false

  init(_ jid: String, at address: String, in world: CallWorld, number: UInt32) throws {
    self.jid = try JID(jid)
    self.address = CallWorld.address(address, 0)
    self.world = world
    nextEndpoint = number * 1000
    pictures = SeededGenerator(seed: UInt64(number))
  }

  var now: NIODeadline { world.network.now }

  // MARK: Calls

  func begin(_ call: Call) {
    self.call = call
    call.begin(ice, hasSound: hasSound, now: now)
    settle(now: now)
  }

  /// Does something with the call, as its driver would.
  func with(_ body: (Call) -> Void) {
    call.map(body)
    settle(now: now)
  }

  /// One picture, as an encoder would give it.
  @discardableResult
  func offerFrame(bytes: Int = 3_000, isKeyFrame: Bool) -> FrameOutcome? {
    var payload = ByteBuffer()
    // P: "0 for key frames" (RFC 6386 section 9.1).
    payload.writeInteger(UInt8(isKeyFrame ? 0 : 1))
    while payload.readableBytes < bytes { payload.writeInteger(UInt8.random(in: 0...255, using: &pictures)) }
    defer { settle(now: now) }
    return call?.send(
      RTPFrame(payload: payload, captureTime: now, isKeyFrame: isKeyFrame), source: MediaSourceStatistics(), now: now)
  }

  /// 20 ms of sound, as an encoder would give it.
  func offerSound() {
    let payload = ByteBuffer(repeating: 0x5a, count: 240)
    let source = CallStatistics.SoundSource(
      audioLevel: 0.25, totalAudioEnergy: 1, totalSamplesDuration: 16, overruns: 2, losses: 1, drift: -30)
    call?.send(
      sound: RTPFrame(payload: payload, captureTime: now, isKeyFrame: false), source: source, now: now)
    settle(now: now)
  }

  var result: CallResult? {
    for case .ended(let result) in events.map(\.event) { return result }
    return nil
  }

  func count(_ matches: (Call.Event) -> Bool) -> Int { events.count { matches($0.event) } }

  var isStreaming: Bool { count { if case .streaming = $0 { true } else { false } } > 0 }

  // MARK: Stanzas

  func deliver(_ stanza: XMLElement, at time: NIODeadline) {
    inbox.append((stanza, time))
  }

  private func receive(_ stanza: XMLElement, now: NIODeadline) {
    received.append((stanza, now))
    let isTaken = call?.receive(stanza, now: now) == true
    settle(now: now)
    if isTaken { return }
    guard let opening = IncomingCall(opening: stanza, local: jid, now: now), let call = answers?(opening) else {
      guard let reply = stanza.errorReply(StanzaError(.cancel, .serviceUnavailable)), stanza.isRequest else { return }
      world.server.send(reply, from: self)
      return
    }
    begin(call)
  }

  // MARK: Sockets

  private func openSockets(_ call: Call) {
    guard hasNetwork else { return call.endpointsFailed(now: now) }
    for kind in call.transportMedia { bind(address, for: kind, of: call) }
    call.endpointsOpened(now: now)
  }

  private func bind(_ address: SocketAddress, for kind: MediaKind, of call: Call) {
    nextEndpoint += 1
    let endpoint = LocalEndpoint(id: nextEndpoint)
    var bound = address
    bound.port = 5_000 + Int(nextEndpoint % 10_000)
    sockets[endpoint] = bound
    world.network.bind(bound, endpoint, of: self, in: VirtualNetwork.internet)
    call.addLocalEndpoint(endpoint, address: bound, for: kind, now: now)
  }

  /// The network changes: the former address is gone, and another is there.
  func move(to address: String) {
    guard let call else { return }
    for (endpoint, bound) in sockets {
      world.network.unbind(bound)
      call.removeLocalEndpoint(endpoint, now: now)
    }
    sockets = [:]
    for kind in call.transportMedia { bind(CallWorld.address(address, 0), for: kind, of: call) }
    settle(now: now)
  }

  /// It dies without a word.
  func vanish() {
    world.server.disconnect(self)
    for bound in sockets.values { world.network.unbind(bound) }
  }

  /// Whether a datagram is of one of its sockets.
  func owns(_ address: SocketAddress) -> Bool { sockets.values.contains(address) }

  // MARK: VirtualHost

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline) {
    call?.receive(datagram, from: source, on: endpoint, now: now)
    settle(now: now)
  }

  func handleTimeout(now: NIODeadline) {
    while let first = inbox.first, first.at <= now {
      inbox.removeFirst()
      receive(first.stanza, now: now)
    }
    if let deadline = call?.deadline, deadline <= now { call?.handleTimeout(now: now) }
    settle(now: now)
  }

  var deadline: NIODeadline? { [inbox.first?.at, call?.deadline].compactMap { $0 }.min() }

  func pollTransmit() -> Transmit? { call?.pollTransmit(now: now) }
  func pollConnectionRequest() -> ConnectionRequest? { call?.pollConnectionRequest() }

  func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    call?.connected(endpoint, now: now)
    settle(now: now)
  }

  func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    call?.disconnected(endpoint, reason: reason, now: now)
    settle(now: now)
  }

  /// Takes what the call has to say, as its driver does.
  private func settle(now: NIODeadline) {
    guard let call else { return }
    while let event = call.pollEvent() {
      events.append((event, now))
      switch event {
      case .stanza(let stanza):
        sent.append((stanza, now))
        world.server.send(stanza, from: self)
      case .endpointsWanted:
        openSockets(call)
        settle(now: now)
      case .ended: call.close(now: now)
      default: break
      }
    }
  }
}
