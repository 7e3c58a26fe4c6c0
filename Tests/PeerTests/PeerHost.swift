import ICE
import NIOCore
import Peer
import TestSupport

/// A `PeerConnection` on a virtual network that keeps what happened to it.
final class PeerHost: VirtualHost {
  let connection: PeerConnection
  private(set) var events: [(event: PeerConnection.Event, at: NIODeadline)] = []
  private(set) var targetBitrate: (bitrate: Int, stable: Int)?
  /// Everything it sent, in order.
  private(set) var sent: [(transmit: Transmit, at: NIODeadline)] = []
  /// An hour of packets is not kept.
  var keepsSent = true
  var onCandidate: ((MediaKind, ICECandidate) -> Void)?
  var onRestart: ((MediaKind) -> Void)?
  private var outgoing = CircularBuffer<Transmit>()
  private var now: NIODeadline

  init(_ connection: PeerConnection, now: NIODeadline) {
    self.connection = connection
    self.now = now
  }

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline) {
    connection.receive(datagram, from: source, on: endpoint, now: now)
    settle(now: now)
  }

  func handleTimeout(now: NIODeadline) {
    connection.handleTimeout(now: now)
    settle(now: now)
  }

  func pollTransmit() -> Transmit? { outgoing.popFirst() }
  var deadline: NIODeadline? { connection.deadline }
  func pollConnectionRequest() -> ConnectionRequest? { connection.pollConnectionRequest() }

  func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    connection.connected(endpoint, now: now)
    settle(now: now)
  }

  func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    connection.disconnected(endpoint, reason: reason, now: now)
    settle(now: now)
  }

  /// Takes events and datagrams, as the driver does after anything that may have changed the connection.
  func settle(now: NIODeadline) {
    while let event = connection.pollEvent() {
      // Of what comes with each frame only the last is kept.
      if case .frameSent = event { continue }
      if case .targetBitrate(let bitrate, let stable) = event {
        targetBitrate = (bitrate, stable)
        continue
      }
      events.append((event, now))
      if case .localCandidate(let kind, let candidate) = event { onCandidate?(kind, candidate) }
      if case .iceRestart(let kind) = event { onRestart?(kind) }
    }
    while let transmit = connection.pollTransmit(now: now) {
      if keepsSent { sent.append((transmit, now)) }
      outgoing.append(transmit)
    }
  }

  var failures: [PeerError] {
    events.compactMap { if case .failed(let error) = $0.event { error } else { nil } }
  }

  /// The frames that were held and then dropped.
  var framesDropped: Int {
    events.reduce(0) { sum, event in
      if case .framesDropped(let count) = event.event { sum + count } else { sum }
    }
  }

  var keyFrameRequests: [NIODeadline] {
    events.compactMap { if case .keyFrameRequested = $0.event { $0.at } else { nil } }
  }

  var writableAt: NIODeadline? {
    events.first { if case .videoWritable = $0.event { true } else { false } }?.at
  }

  /// Datagrams whose first byte is RTP's or RTCP's (RFC 7983 section 7), direct ones only.
  var mediaSent: [ByteBuffer] {
    sent.map(\.transmit.payload).filter { (128...191).contains($0.getInteger(at: $0.readerIndex, as: UInt8.self) ?? 0) }
  }
}
