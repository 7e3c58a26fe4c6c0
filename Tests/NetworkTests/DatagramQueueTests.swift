import Glibc
import ICE
import NIOCore
import NIOPosix
import Testing

@testable import Network

/// A UDP socket of loopback is never full. So what is asked first here is a TCP connection whose reader does not read: to
/// sendmsg(2) it says EAGAIN as a full UDP socket does.
@Suite("Datagrams that the kernel does not take at once", .timeLimit(.minutes(1)))
struct DatagramQueueTests {
  private static let highWaterMark = 3_000

  @Test("wait in NIO's queue, and later ones behind them, until it has drained; meanwhile the channel takes no frames")
  func queue() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let (received, continuation) = AsyncStream.makeStream(of: Int.self)
    let receiver = try await DatagramBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Numbers(continuation))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let remote = try #require(receiver.localAddress)
    let sender = try await DatagramBootstrap(group: loop)
      .channelOption(.writeBufferWaterMark, value: .init(low: 1_000, high: Self.highWaterMark))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Valve()) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let stuck = try StuckConnection()

    try await loop.submit {
      let socket = try #require(DatagramSocket(channel: sender, descriptor: stuck.sender))
      socket.send(Self.burst([1, 2], to: remote))
      #expect(sender.isWritable)
      socket.send(Self.burst([3, 4], to: remote))
      #expect(!sender.isWritable, "beyond \(Self.highWaterMark) bytes")
      stuck.drain()
      // The kernel would take it now, ahead of the others.
      socket.send(Self.burst([5], to: remote))
      #expect(stuck.read().isEmpty)
      try sender.pipeline.syncOperations.handler(type: Valve.self).open()
      #expect(sender.isWritable)
      socket.send(Self.burst([6], to: remote))
      #expect(stuck.read().first == 6, "nothing waits any more")
    }.get()
    var numbers: [Int] = []
    for await number in received {
      numbers.append(number)
      if number == 5 { break }
    }
    #expect(numbers == [1, 2, 3, 4, 5])
    try await sender.close().get()
    try await receiver.close().get()
  }

  private static func burst(_ numbers: [UInt8], to remote: SocketAddress) -> DatagramBurst {
    var burst = DatagramBurst()
    for number in numbers {
      let isTaken = burst.append(
        Transmit(
          endpoint: LocalEndpoint(id: 1), remote: remote, payload: ByteBuffer(repeating: number, count: 1_000)))
      #expect(isTaken)
    }
    return burst
  }

  /// Keeps in NIO's queue what is written, as a device does that takes no more.
  private final class Valve: ChannelOutboundHandler {
    typealias OutboundIn = AddressedEnvelope<ByteBuffer>

    private var isOpen = false
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func flush(context: ChannelHandlerContext) {
      if isOpen { context.flush() }
    }

    func open() {
      isOpen = true
      context?.flush()
    }
  }

  /// The first byte of each datagram.
  private final class Numbers: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let received: AsyncStream<Int>.Continuation

    init(_ received: AsyncStream<Int>.Continuation) {
      self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let datagram = unwrapInboundIn(data).data
      received.yield(Int(datagram.getInteger(at: datagram.readerIndex, as: UInt8.self) ?? 0))
    }
  }
}

/// A TCP connection that takes no more until ``drain()``.
private final class StuckConnection: Sendable {
  let sender: CInt
  private let receiver: CInt

  init() throws {
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    sender = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    let (bound, connected) = withUnsafeMutablePointer(to: &address) { [sender] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = bind(listener, $0, length) | listen(listener, 1) | getsockname(listener, $0, &length)
        return (bound, connect(sender, $0, length))
      }
    }
    receiver = accept(listener, nil, nil)
    try #require(bound == 0 && connected == 0 && receiver >= 0)
    for descriptor in [sender, receiver] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    let bytes = [UInt8](repeating: 0, count: 65_536)
    var isFull = false
    while !isFull {
      isFull = true
      while write(sender, bytes, bytes.count) > 0 { isFull = false }
      // An acknowledgement that was held back (0.2 s at most) makes room again.
      if !isFull { _ = isWritable(within: 300) }
    }
  }

  deinit {
    close(sender)
    close(receiver)
  }

  /// Reads until it takes all again.
  func drain() {
    repeat { while !read().isEmpty {} } while !isWritable(within: 0)
    while !read().isEmpty {}
  }

  /// What is there now.
  func read() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(receiver, &bytes, bytes.count)
    return Array(bytes[..<max(0, count)])
  }

  private func isWritable(within milliseconds: CInt) -> Bool {
    var entry = pollfd(fd: sender, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }
}
