import Glibc
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Network
@testable import Server

@Suite("The socket of metrics", .timeLimit(.minutes(1)))
struct MetricsServerTests {
  private let loop = MultiThreadedEventLoopGroup.singleton.next()

  private func open(_ path: String) async throws -> MetricsServer {
    try await MetricsServer.open(.unixSocket(path: path), on: loop) { MetricsSnapshot() }
  }

  private func scrape(_ address: SocketAddress) async throws -> String {
    try await RawExchange.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", to: address)
  }

  private func withDirectory(_ body: (_ path: String) async throws -> Void) async throws {
    var template = Array("/tmp/jinglecam-metrics.XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { rmdir(directory) }
    try await body("\(directory)/socket")
  }

  private static func mode(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode : nil
  }

  @Test("is for its owner and group, answers, and is gone at the end")
  func course() async throws {
    try await withDirectory { path in
      let server = try await open(path)
      #expect(Self.mode(of: path) == S_IFSOCK | 0o660)
      #expect(try await scrape(SocketAddress(unixDomainSocketPath: path)).contains("jinglecam_build_info{"))
      server.close()
      #expect(Self.mode(of: path) == nil)
    }
  }

  @Test("takes the place of one that a dead process left")
  func abandoned() async throws {
    try await withDirectory { path in
      let address = try SocketAddress(unixDomainSocketPath: path)
      close(try ListeningSocket.open(address, mode: 0o600, backlog: 1))
      #expect(Self.mode(of: path) != nil)
      let server = try await open(path)
      #expect(try await scrape(address).contains("200 OK"))
      server.close()
    }
  }

  @Test("leaves one alone at which somebody listens")
  func taken() async throws {
    try await withDirectory { path in
      let server = try await open(path)
      let error = await #expect(throws: ServeError.self) { try await open(path) }
      #expect(
        error?.description
          == "--metrics unix:\(path) cannot be opened: something else is there; choose another place")
      #expect(try await scrape(SocketAddress(unixDomainSocketPath: path)).contains("200 OK"))
      server.close()
    }
  }

  @Test("leaves a file alone that is no socket")
  func file() async throws {
    try await withDirectory { path in
      close(creat(path, 0o600))
      await #expect(throws: ServeError.self) { try await open(path) }
      #expect(Self.mode(of: path) == S_IFREG | 0o600)
      unlink(path)
    }
  }

  @Test("wants a directory")
  func noDirectory() async throws {
    // No directory, whatever the machine has.
    let error = await #expect(throws: ServeError.self) { try await open("/proc/self/nonexistent/socket") }
    #expect(error?.description.hasSuffix("its directory does not exist") == true)
  }

  @Test("has no more connections than a few, and takes new ones when they have gone")
  func crowd() async throws {
    try await withDirectory { path in
      let server = try await open(path)
      let address = try SocketAddress(unixDomainSocketPath: path)
      var silent: [any Channel] = []
      for _ in 0..<MetricsServer.maximumConnections {
        silent.append(try await ClientBootstrap(group: loop).connect(to: address).get())
      }
      #expect(try await scrape(address).isEmpty)
      for channel in silent { try await channel.close().get() }
      // Who closed is found gone a moment later.
      while try await scrape(address).isEmpty {}
      server.close()
    }
  }

  @Test("no socket of it is inherited by a program that is started")
  func inheritance() async throws {
    try await withDirectory { path in
      let server = try await open(path)
      let channel = try await ClientBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.setCloseOnExec() }
        }
        .connect(to: SocketAddress(unixDomainSocketPath: path)).get()
      let flags = try await loop.submit {
        try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { fcntl($0, F_GETFD) }
      }.get()
      #expect(flags == FD_CLOEXEC)
      try await channel.close().get()
      server.close()
    }
  }
}
