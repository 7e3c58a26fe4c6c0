import Glibc
import ICE
import NIOCore
import NIOPosix
import Testing

@testable import Network

@Suite("A socket for datagrams", .timeLimit(.minutes(1)))
struct DatagramSocketTests {
  @Test("what leaves in a burst arrives one by one", arguments: ["127.0.0.1", "::1"], [[100, 100, 40], [70]])
  func arrival(address: String, sizes: [Int]) async throws {
    try await expectArrival(of: sizes, at: address)
  }

  @Test("where the kernel refuses bursts, they leave one by one")
  func refusal() async throws {
    // The kernel segments only what it computes checksums for.
    try await expectArrival(of: [100, 100, 40], at: "127.0.0.1") { socket in
      try socket.channel.syncOptions?.setOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_NO_CHECK)), value: 1)
    }
  }

  @Test("an address that the kernel does not take loses the datagram and nothing else")
  func unsendable() async throws {
    // A socket must ask before it may send to everybody.
    try await expectArrival(of: [100], at: "127.0.0.1") { socket in
      var burst = DatagramBurst()
      _ = burst.append(
        Transmit(
          endpoint: LocalEndpoint(id: 1), remote: try SocketAddress(ipAddress: "255.255.255.255", port: 9),
          payload: ByteBuffer(string: "lost")))
      socket.send(burst)
    }
  }

  @Test("a closed one sends no more, whoever has its number then")
  func closed() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let descriptor = try DatagramSocket.descriptor(boundTo: Self.loopback("127.0.0.1"))
    let channel = try await DatagramBootstrap(group: loop).withBoundSocket(descriptor).get()
    try await channel.close().get()
    try await loop.submit { #expect(DatagramSocket(channel: channel, descriptor: descriptor) == nil) }.get()
  }

  @Test("an address that is taken is an error")
  func taken() throws {
    let first = try DatagramSocket.descriptor(boundTo: Self.loopback("127.0.0.1"))
    defer { close(first) }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(first, $0, &length) }
    }
    #expect(throws: IOError.self) { _ = try DatagramSocket.descriptor(boundTo: SocketAddress(address)) }
  }

  /// Sends a burst of datagrams of `sizes` to a receiver of its own; `prepare` may do something to the sender before.
  private func expectArrival(
    of sizes: [Int], at address: String, prepare: @escaping @Sendable (DatagramSocket) throws -> Void = { _ in }
  ) async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let (received, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
    let receiver = try await DatagramBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Receiver(continuation))
        }
      }
      .bind(to: Self.loopback(address)).get()
    let remote = try #require(receiver.localAddress)
    let descriptor = try DatagramSocket.descriptor(boundTo: Self.loopback(address))
    let sender = try await DatagramBootstrap(group: loop).withBoundSocket(descriptor).get()
    try await loop.submit {
      let socket = try #require(DatagramSocket(channel: sender, descriptor: descriptor))
      try prepare(socket)
      var burst = DatagramBurst()
      for (number, size) in sizes.enumerated() {
        let payload = ByteBuffer(repeating: UInt8(number), count: size)
        let isTaken = burst.append(Transmit(endpoint: LocalEndpoint(id: 1), remote: remote, payload: payload))
        #expect(isTaken)
      }
      socket.send(burst)
    }.get()
    var arrived: [ByteBuffer] = []
    for await datagram in received {
      arrived.append(datagram)
      if arrived.count == sizes.count { break }
    }
    #expect(arrived == sizes.enumerated().map { ByteBuffer(repeating: UInt8($0), count: $1) })
    try await sender.close().get()
    try await receiver.close().get()
  }

  private static func loopback(_ address: String) throws -> SocketAddress {
    try SocketAddress(ipAddress: address, port: 0)
  }

  private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let received: AsyncStream<ByteBuffer>.Continuation

    init(_ received: AsyncStream<ByteBuffer>.Continuation) {
      self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      received.yield(unwrapInboundIn(data).data)
    }
  }
}
