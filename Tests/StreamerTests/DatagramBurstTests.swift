import Glibc
import ICE
import NIOCore
import NIOPosix
import Testing

@testable import Streamer

@Suite("Datagrams in bursts")
struct DatagramBurstTests {
  private static func datagram(_ size: Int, of letter: Character = "a", endpoint: UInt32 = 1, port: Int = 9) throws
    -> Transmit
  {
    Transmit(
      endpoint: LocalEndpoint(id: endpoint), remote: try SocketAddress(ipAddress: "127.0.0.1", port: port),
      payload: ByteBuffer(repeating: letter.asciiValue!, count: size))
  }

  private static func burst(of sizes: [Int]) throws -> (burst: DatagramBurst, accepted: [Bool]) {
    var burst = DatagramBurst()
    let accepted = try sizes.map { burst.append(try datagram($0)) }
    return (burst, accepted)
  }

  @Test(
    "all are of one size but the last, which may be shorter and ends it",
    arguments: [
      ([100, 100, 100], [true, true, true]),
      ([100, 100, 40, 40], [true, true, true, false]),
      ([100, 40, 100], [true, true, false]),
      ([100, 101], [true, false]),
      ([100, 0], [true, false]),
    ])
  func sizes(sizes: [Int], accepted: [Bool]) throws {
    #expect(try Self.burst(of: sizes).accepted == accepted)
  }

  @Test("one goes to one address from one socket")
  func destinations() throws {
    var burst = try Self.burst(of: [100]).burst
    #expect(!burst.append(try Self.datagram(100, endpoint: 2)))
    #expect(!burst.append(try Self.datagram(100, port: 10)))
    #expect(burst.append(try Self.datagram(100)))
  }

  @Test("the kernel's limits hold: 64 segments, and one IP packet's length")
  func limits() throws {
    #expect(try Self.burst(of: Array(repeating: 10, count: 65)).accepted.count(where: \.self) == 64)
    #expect(try Self.burst(of: Array(repeating: 1_200, count: 64)).accepted.count(where: \.self) == 54)
  }

  @Test("a single datagram needs no copy")
  func single() throws {
    #expect(try Self.burst(of: [100]).burst.joined(allocator: ByteBufferAllocator()) == nil)
  }

  @Test("emptied, it takes whatever comes")
  func reuse() throws {
    var burst = try Self.burst(of: [100, 40]).burst
    burst.removeAll()
    #expect(burst.append(try Self.datagram(1_000, endpoint: 2, port: 10)))
    #expect(burst.datagrams.count == 1)
  }

  @Test("what was joined comes apart again")
  func separated() throws {
    var burst = DatagramBurst()
    for (letter, size) in [("a", 100), ("b", 100), ("c", 40)] {
      #expect(burst.append(try Self.datagram(size, of: Character(letter))))
    }
    let joined = try #require(burst.joined(allocator: ByteBufferAllocator()))
    let separated = DatagramBurst.separated(joined)
    #expect(separated.map(\.data) == burst.datagrams.map(\.payload))
    #expect(separated.allSatisfy { $0.remoteAddress == joined.remoteAddress && $0.metadata == nil })
  }

  @Test("they arrive one by one")
  func arrival() async throws {
    let (received, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
    let receiver = try await Self.bind { Self.Receiver(continuation) }
    let sender = try await Self.bind()
    #expect(try await Self.send(from: sender, to: receiver) == nil)
    var sizes: [Int] = []
    for await datagram in received {
      sizes.append(datagram.readableBytes)
      if sizes.count == 3 { break }
    }
    #expect(sizes == [100, 100, 40])
    try await sender.close()
    try await receiver.close()
  }

  @Test("a kernel that cannot is known by its answer")
  func refusal() async throws {
    let receiver = try await Self.bind()
    let sender = try await Self.bind()
    // The kernel segments only what it computes checksums for.
    try await sender.setOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_NO_CHECK)), value: 1)
    let error = try #require(try await Self.send(from: sender, to: receiver))
    #expect(DatagramBurst.isRefusal(error))
    try await receiver.close()
  }

  @Test("a path that takes only smaller packets is known, too")
  func pathMTU() {
    #expect(DatagramBurst.isRefusal(ChannelError.writeMessageTooLarge))
  }

  @Test("other errors say nothing about bursts", arguments: [ENETUNREACH, EPERM, ENOBUFS, ECONNREFUSED])
  func otherErrors(code: Int32) {
    #expect(!DatagramBurst.isRefusal(IOError(errnoCode: code, reason: "sendmsg")))
    #expect(!DatagramBurst.isRefusal(ChannelError.ioOnClosedChannel))
  }

  private static func bind(
    _ makeHandler: (@Sendable () -> Receiver)? = nil
  ) async throws -> any Channel {
    try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let makeHandler { try channel.pipeline.syncOperations.addHandler(makeHandler()) }
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  private static func send(from sender: any Channel, to receiver: any Channel) async throws -> (any Error)? {
    var burst = DatagramBurst()
    let port = try #require(receiver.localAddress?.port)
    for size in [100, 100, 40] { #expect(burst.append(try datagram(size, port: port))) }
    let joined = try #require(burst.joined(allocator: sender.allocator))
    do {
      try await sender.writeAndFlush(joined)
      return nil
    } catch {
      return error
    }
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
