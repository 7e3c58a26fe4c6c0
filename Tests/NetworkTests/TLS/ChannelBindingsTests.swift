import Foundation
import NIOCore
import NIOPosix
import NIOTLS
import TestSupport
import Testing

@testable import Network
@testable import XMPP

@Suite("What SASL can be bound to", .enabled(if: TestAuthority.isPossible))
struct ChannelBindingsTests {
  /// OpenSSL as a server, which says what it exports by that label.
  private struct ExportingServer {
    let process: ChildProcess
    private let output = Pipe()
    private let input = Pipe()

    init(_ identity: TestAuthority.Identity, _ options: [String]) throws {
      process = try ChildProcess(
        [
          "/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-cert", identity.certificate,
          "-key", identity.key, "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32",
        ] + options, input: input.fileHandleForReading, output: output)
    }

    /// What follows `prefix` in a line of its own, once it is there.
    func word(after prefix: String) throws -> String? {
      var line = ""
      while let byte = try output.fileHandleForReading.read(upToCount: 1), let scalar = byte.first {
        guard scalar == UInt8(ascii: "\n") else {
          line.unicodeScalars.append(Unicode.Scalar(scalar))
          continue
        }
        let text = line.trimmingCharacters(in: .whitespaces)
        if text.hasPrefix(prefix) { return String(text.dropFirst(prefix.count)) }
        line = ""
      }
      return nil
    }

    func stop() {
      process.kill()
      process.wait()
    }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let context: TLSClientContext
    private let bindings: EventLoopPromise<[ChannelBinding]>
    private let areTaken: Bool

    init(_ context: TLSClientContext, _ bindings: EventLoopPromise<[ChannelBinding]>, areTaken: Bool) {
      (self.context, self.bindings, self.areTaken) = (context, bindings, areTaken)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard case TLSUserEvent.handshakeCompleted = event else { return }
      bindings.succeed(areTaken ? self.context.channelBindings(in: context.pipeline.syncOperations) : [])
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { bindings.fail(error) }
  }

  private func bindings(
    _ context: TLSClientContext, port: Int, areTaken: Bool = true
  ) async throws -> [ChannelBinding] {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let bindings = loop.makePromise(of: [ChannelBinding].self)
    let channel = try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(context.makeHandler(serverName: "xmpp.test"))
          try channel.pipeline.syncOperations.addHandler(Handler(context, bindings, areTaken: areTaken))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    defer { channel.close(promise: nil) }
    return try await bindings.futureResult.get()
  }

  @Test(
    "is in TLS 1.3 what the server exports too (RFC 9266), whatever the hash, and else the certificate",
    .timeLimit(.minutes(1)),
    arguments: [
      ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"], ["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"],
      ["-tls1_2"],
    ])
  func exporter(options: [String]) async throws {
    let authority = try TestAuthority()
    let identity = try authority.sign("server", subject: "server", extensions: ["subjectAltName=DNS:xmpp.test"])
    let server = try ExportingServer(identity, options)
    let port = try #require(try server.word(after: "ACCEPT 127.0.0.1:").flatMap(Int.init))
    let context = try TLSClientContext(caFile: authority.caFile, isBindable: true)
    let found = try await bindings(context, port: port)
    let exported = try #require(try server.word(after: "Keying material: "))
    server.stop()
    let isTLS13 = options.contains("-tls1_3")
    #expect(found.map(\.type) == (isTLS13 ? ["tls-exporter"] : []) + ["tls-server-end-point"])
    if isTLS13, case .exporter(let data)? = found.first {
      #expect(data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined() == exported)
    }
    try authority.remove()
  }

  @Test(
    "is in TLS 1.2 the certificate alone, whatever a connection before it has left behind", .timeLimit(.minutes(1)))
  func leftBehind() async throws {
    let authority = try TestAuthority()
    let identity = try authority.sign("server", subject: "server", extensions: ["subjectAltName=DNS:xmpp.test"])
    let context = try TLSClientContext(caFile: authority.caFile, isBindable: true)
    for version in ["-tls1_3", "-tls1_2"] {
      let server = try ExportingServer(identity, [version])
      let port = try #require(try server.word(after: "ACCEPT 127.0.0.1:").flatMap(Int.init))
      let found = try await bindings(context, port: port, areTaken: version == "-tls1_2")
      #expect(found.map(\.type) == (version == "-tls1_2" ? ["tls-server-end-point"] : []))
      server.stop()
    }
    try authority.remove()
  }

  @Test("is nothing of another connection")
  func secret() {
    let secret = TLSExporterSecret()
    secret.receive(ByteBuffer(string: "SERVER_TRAFFIC_SECRET_0 00 ff\n"))
    #expect(secret.take() == nil)
    secret.receive(ByteBuffer(string: "EXPORTER_SECRET 00ff 0aFF\n"))
    secret.receive(ByteBuffer(string: "EXPORTER_SECRET 00ff 0bFF\n"))
    #expect(secret.take() == [0x0B, 0xFF])
    #expect(secret.take() == nil)
  }
}
