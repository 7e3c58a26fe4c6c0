import ICE
import NIOCore
import NIOPosix
import Peer
import RTP

/// The sockets, the clock and the timer of one ``PeerConnection``; its executor is the event loop.
package actor PeerDriver {
  private let eventLoop: any EventLoop
  private let connection: PeerConnection
  private let onEvent: @Sendable (PeerConnection.Event) -> Void
  private var channels: [LocalEndpoint: any Channel] = [:]
  private var nextEndpoint: UInt32 = 1
  private var timer: Scheduled<Void>?
  private var timerDeadline: NIODeadline?
  private var isClosed = false

  private static let datagramsPerRead = 8
  /// Ethernet's 1,500 bytes and some; whatever is longer is none of our business.
  private static let largestDatagram = 2048

  package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  /// `onEvent` is called on the event loop.
  package init(
    connection: sending PeerConnection, on eventLoop: any EventLoop,
    onEvent: @escaping @Sendable (PeerConnection.Event) -> Void
  ) {
    self.connection = connection
    self.eventLoop = eventLoop
    self.onEvent = onEvent
  }

  /// Binds one UDP socket an interface address for each medium. An address that cannot be bound is left out; none at
  /// all is an error.
  package func open(addresses: [SocketAddress]) async throws(CommandError) {
    for kind in connection.media {
      for address in addresses {
        await bind(address, for: kind)
      }
    }
    guard !channels.isEmpty else {
      throw CommandError("no network interface has an address; connect this machine to a network", .unavailable)
    }
    advance()
  }

  private func bind(_ address: SocketAddress, for kind: MediaKind) async {
    let endpoint = LocalEndpoint(id: nextEndpoint)
    nextEndpoint += 1
    let bootstrap = DatagramBootstrap(group: eventLoop)
      // A burst of a key frame must fit: 64 packets of 1,200 bytes, several times over.
      .channelOption(.socketOption(.so_sndbuf), value: 512 * 1024)
      .channelOption(.datagramVectorReadMessageCount, value: Self.datagramsPerRead)
      // One buffer is cut into equal parts for the messages of a vector read.
      .channelOption(
        .recvAllocator,
        value: FixedSizeRecvByteBufferAllocator(capacity: Self.datagramsPerRead * Self.largestDatagram)
      )
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DatagramHandler(endpoint: endpoint, driver: self))
        }
      }
    var local = address
    local.port = 0
    guard let channel = try? await bootstrap.bind(to: local).get() else { return }
    guard !isClosed, let bound = channel.localAddress else {
      channel.close(promise: nil)
      return
    }
    channels[endpoint] = channel
    connection.addLocalEndpoint(endpoint, address: bound, for: kind, now: .now())
  }

  /// Runs `body` on the connection and sends what comes of it.
  package func with<Result>(_ body: (PeerConnection) throws -> Result) rethrows -> Result {
    defer { advance() }
    return try body(connection)
  }

  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint) {
    connection.receive(datagram, from: source, on: endpoint, now: .now())
  }

  package func send(_ frame: RTPFrame) {
    connection.send(frame, now: .now())
    advance()
  }

  /// Says goodbye (RTCP BYE, DTLS close_notify, TURN Refresh 0) and closes the sockets once that is written.
  package func close() async {
    guard !isClosed else { return }
    isClosed = true
    connection.close(now: .now())
    flushTransmits()
    timer?.cancel()
    let open = channels.values
    channels = [:]
    for channel in open {
      try? await channel.close().get()
    }
  }

  /// Delivers events, writes datagrams, sets the timer: after anything that may have changed the connection.
  func advance() {
    while let event = connection.pollEvent() {
      onEvent(event)
    }
    flushTransmits()
    schedule()
  }

  private func flushTransmits() {
    var touched: (any Channel)?
    var touchedEndpoint: LocalEndpoint?
    while let transmit = connection.pollTransmit() {
      if transmit.endpoint != touchedEndpoint {
        touched?.flush()
        touched = channels[transmit.endpoint]
        touchedEndpoint = transmit.endpoint
      }
      touched?.write(
        AddressedEnvelope(remoteAddress: transmit.remote, data: transmit.payload), promise: nil)
    }
    touched?.flush()
  }

  private func schedule() {
    guard !isClosed, let deadline = connection.deadline else { return }
    guard deadline != timerDeadline else { return }
    timer?.cancel()
    timerDeadline = deadline
    timer = eventLoop.scheduleTask(deadline: deadline) { [weak self] in
      self?.assumeIsolated { $0.timeout() }
    }
  }

  private func timeout() {
    timerDeadline = nil
    guard !isClosed else { return }
    connection.handleTimeout(now: .now())
    advance()
  }
}
