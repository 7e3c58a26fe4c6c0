import ICE
import NIOCore
import NIOPosix
import Peer
import Testing

@testable import Network

/// What real TCP connections bring that virtual ones cannot; calls through a real server are in InteropTests.
@Suite("Connections to TURN servers")
struct TURNConnectionTests {
  /// Does to each connection the same.
  final class Server: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let greeting: ByteBuffer?

    init(greeting: ByteBuffer?) {
      self.greeting = greeting
    }

    func channelActive(context: ChannelHandlerContext) {
      if let greeting { return context.channel.writeAndFlush(greeting, promise: nil) }
      context.close(promise: nil)
    }
  }

  /// Says that something was received, and nothing to whom it is from.
  private final class Listener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let onRead: () -> Void

    init(onRead: @escaping () -> Void) {
      self.onRead = onRead
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { onRead() }
  }

  private static func listen(greeting: ByteBuffer?) async throws -> any Channel {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Server(greeting: greeting))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  /// What gathering from that server alone comes to.
  static func failure(
    _ relayProtocol: RelayProtocol, at address: SocketAddress, name: String = "localhost", caFile: String? = nil
  ) async throws -> String? {
    let (errors, continuation) = AsyncStream.makeStream(of: String.self)
    let driver = try await driver(relayProtocol, at: address, name: name, caFile: caFile) { event in
      if case .candidateError(_, let error) = event { continuation.yield(error.text) }
    }
    let first = await errors.first { _ in true }
    await driver.close()
    return first
  }

  /// A driver that gathers from that server alone.
  private static func driver(
    _ relayProtocol: RelayProtocol, at address: SocketAddress, name: String = "localhost", caFile: String? = nil,
    onEvent: @escaping @Sendable (PeerConnection.Event) -> Void
  ) async throws -> EngineDriver<PeerConnection> {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let server = ICEServer(
      kind: .turn(TURNCredentials(username: "u", password: "p")), address: address, relayProtocol: relayProtocol,
      name: name, url: "turn:test")
    let connection = try PeerConnection.forTests(.init(servers: [server], policy: .relay))
    let driver = EngineDriver(connection, on: loop, caFile: caFile, onEvent: onEvent)
    try await driver.open(addresses: [SocketAddress(ipAddress: "127.0.0.1", port: 0)])
    return driver
  }

  @Test("a server that speaks something else is told of, and so is one that hangs up", .timeLimit(.minutes(1)))
  func foreign() async throws {
    for (greeting, text) in [
      (ByteBuffer(string: "SSH-2.0-OpenSSH\r\n"), "the server does not speak TURN"),
      (nil, "the server closed the connection"),
    ] {
      let listener = try await Self.listen(greeting: greeting)
      let address = try #require(listener.localAddress)
      #expect(try await Self.failure(.tcp, at: address) == text)
      try await listener.close()
    }
  }

  @Test("a server that says nothing is left, with its open connection, when the driver closes", .timeLimit(.minutes(1)))
  func silent() async throws {
    let (ends, continuation) = AsyncStream.makeStream(of: Bool.self)
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.closeFuture.whenComplete { _ in continuation.yield(true) }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Listener { continuation.yield(false) })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let driver = try await Self.driver(.tcp, at: try #require(listener.localAddress)) { _ in }
    var iterator = ends.makeAsyncIterator()
    #expect(await iterator.next() == false)
    await driver.close()
    #expect(await iterator.next() == true)
    try await listener.close()
  }

  @Test("a port where nobody listens refuses", .timeLimit(.minutes(1)))
  func refused() async throws {
    // Port 9, discard, which nothing serves on loopback.
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: 9)
    #expect(try await Self.failure(.tcp, at: address) == "Connection refused")
  }

  @Test("a server without TLS is none for turns", .timeLimit(.minutes(1)))
  func withoutTLS() async throws {
    let listener = try await Self.listen(greeting: ByteBuffer(string: "SSH-2.0-OpenSSH\r\n"))
    let address = try #require(listener.localAddress)
    #expect(try await Self.failure(.tls, at: address) == "what answers there does not speak TLS")
    try await listener.close()
  }
}
