import Foundation
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Server

@Suite("The socket of a service", .timeLimit(.minutes(1)))
struct StatusServerTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.next()
  private let directory = "/tmp/jinglecam-status-\(UUID().uuidString)"

  private func open() async throws -> StatusServer {
    try await StatusServer.open(in: directory, on: loop) { .sample() }
  }

  private func mode(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode : nil
  }

  /// What is read until the end, off the threads of the tests, since it waits.
  private func read() async throws -> ServiceStatus {
    let directory = directory
    return try await NIOThreadPool.singleton.runIfActive { try StatusSocket.read(in: [directory]).status }
  }

  @Test("is for its owner and group, tells everybody who connects the same, and is gone at the end")
  func course() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let server = try await open()
    #expect(mode(of: "\(directory)/status.sock") == S_IFSOCK | 0o660)
    #expect(mode(of: directory) == S_IFDIR | 0o700)
    for _ in 0..<2 { #expect(try await read() == .sample()) }
    server.close()
    #expect(mode(of: "\(directory)/status.sock") == nil)
    await #expect(throws: StatusSocket.Failure.notRunning(["\(directory)/status.sock"])) { try await read() }
  }

  @Test("reads nothing of what is sent to it")
  func input() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let server = try await open()
    let address = try SocketAddress(unixDomainSocketPath: "\(directory)/status.sock")
    let answer = try await RawExchange.send("GET / HTTP/1.1\r\n\r\nstop all\n", to: address)
    // A connection may be reset with what was not read of it.
    #expect(answer.isEmpty || answer == ServiceStatus.sample().json + "\n")
    #expect(try await read() == .sample())
    server.close()
  }

  @Test("leaves another's alone")
  func taken() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let server = try await open()
    let error = await #expect(throws: IOError.self) { try await open() }
    #expect(error?.errnoCode == EADDRINUSE)
    #expect(try await read() == .sample())
    server.close()
  }

  @Test("is looked for in several places, and what answers something else is told of")
  func places() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let server = try await open()
    let directory = directory
    let (json, status) = try await NIOThreadPool.singleton.runIfActive {
      try StatusSocket.read(in: ["/nonexistent", directory])
    }
    #expect(json == status.json)
    server.close()
    let old = try await ListeningChannel.open(
      SocketAddress(unixDomainSocketPath: "\(directory)/status.sock"), limit: 1, on: loop
    ) { try $0.pipeline.syncOperations.addHandler(OtherVersion()) }
    await #expect(throws: StatusSocket.Failure.otherVersion("\(directory)/status.sock")) { try await read() }
    try await old.close().get()
  }
}

private final class OtherVersion: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: #"{"type":"status","version":99}"#)), promise: nil)
    context.close(promise: nil)
  }
}
