import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing
import XMPP

@testable import Account
@testable import Network

@Suite("The connection to an XMPP server of several addresses, RFC 8305")
struct ConnectionTests {
  static let loop = MultiThreadedEventLoopGroup.singleton.next()
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Knows these addresses, for whatever name.
  struct Addresses: Resolver {
    var addresses: [SocketAddress]

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
      loop.makeSucceededFuture(addresses)
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
      loop.makeSucceededFuture([])
    }

    func cancelQueries() {}
  }

  /// Says that it is shutting down, once a stream has been opened.
  final class Server: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static let goodbye = """
      <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='1' \
      from='xmpp.test'><stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
      """

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.goodbye)), promise: nil)
    }

    static func listen() async throws -> any Channel {
      try await ServerBootstrap(group: loop)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Server()) }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    }
  }

  func open(
    _ addresses: [String], port: Int
  ) async throws(XMPPClientError) -> XMPPClient.Connection {
    let resolver = Addresses(addresses: addresses.compactMap { try? SocketAddress(ipAddress: $0, port: port) })
    let jid: JID
    do { jid = try JID("cam@xmpp.test") } catch { preconditionFailure("\(error)") }
    return try await XMPPClient.Connection.open(
      XMPPClient.Configuration(jid: jid, password: "x"),
      to: ConnectionTarget(host: "several.test", port: port, isDirectTLS: false), on: Self.loop,
      logger: Self.logger, resolver: resolver)
  }

  @Test("an address where nothing listens does not end the stream that another address takes", .timeLimit(.minutes(1)))
  func deadAddress() async throws {
    let server = try await Server.listen()
    let port = try #require(server.localAddress?.port)
    let connection = try await open(["127.0.0.2", "127.0.0.1"], port: port)
    // What the live server says, not what became of the dead one.
    let error = try #require(try await connection.ended.get())
    #expect(error.kind == .temporary && error.description.contains("system-shutdown"))
    try await server.close()
  }

  @Test("TCP gives up what nobody acknowledges for as long as a ping may take", .timeLimit(.minutes(1)))
  func userTimeout() async throws {
    let server = try await ScriptedXMPPServer.start([.header: [.silence]], on: Self.loop)
    let connection = try await open(["127.0.0.1"], port: server.port)
    let milliseconds = try await connection.channel.getOption(.tcpOption(NIOBSDSocket.Option(rawValue: 18))).get()
    #expect(milliseconds == 20_000)
    try await connection.channel.close()
    try await server.stop()
  }

  @Test("a host of an internationalized name is looked up in A-labels", .timeLimit(.minutes(1)))
  func internationalizedHost() async throws {
    let server = try await ScriptedXMPPServer.start([.header: [.silence]], on: Self.loop)
    // UTS #46 maps fullwidth letters to those of ASCII.
    let connection = try await XMPPClient.Connection.open(
      XMPPClient.Configuration(jid: try JID("cam@xmpp.test"), password: "x"),
      to: ConnectionTarget(host: "\u{FF4C}ocalhost", port: server.port, isDirectTLS: false), on: Self.loop,
      logger: Self.logger)
    try await connection.channel.close()
    try await server.stop()
  }

  @Test("where no address answers, the system's own words say why", .timeLimit(.minutes(1)))
  func noAddress() async throws {
    let server = try await Server.listen()
    let port = try #require(server.localAddress?.port)
    let error = await #expect(throws: XMPPClientError.self) { try await open(["127.0.0.2", "127.0.0.3"], port: port) }
    #expect(
      error == .unreachable(ConnectionTarget(host: "several.test", port: port), isNamed: false, "Connection refused"))
    try await server.close()
  }

  @Test("a connection that breaks is named in words, without the library's inner ones")
  func brokenConnection() {
    let error = IOError(errnoCode: 104, reason: "read(descriptor:pointer:size:)")
    #expect(NetworkFailure.reason(error) == "Connection reset by peer")
  }
}
