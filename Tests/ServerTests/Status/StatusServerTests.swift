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
    return try await NIOThreadPool.singleton.runIfActive { try StatusSocket.read(in: [directory]) }
  }

  @Test("is for its owner alone, tells everybody who connects the same, and is gone at the end")
  func course() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let server = try await open()
    #expect(mode(of: "\(directory)/status.sock") == S_IFSOCK | 0o600)
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
    let status = try await NIOThreadPool.singleton.runIfActive {
      try StatusSocket.read(in: ["/nonexistent", directory])
    }
    #expect(status == .sample())
    server.close()
    let old = try await ListeningChannel.open(
      SocketAddress(unixDomainSocketPath: "\(directory)/status.sock"), mode: 0o600, limit: 1, on: loop
    ) { try $0.pipeline.syncOperations.addHandler(OtherVersion()) }
    await #expect(throws: StatusSocket.Failure.otherVersion("\(directory)/status.sock")) { try await read() }
    try await old.close().get()
  }

  @Test("is told to be silent if it answers nothing, or does not even take the connection", arguments: [false, true])
  func silent(isFull: Bool) async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let path = "\(directory)/status.sock"
    let address = try SocketAddress(unixDomainSocketPath: path)
    // Nobody accepts.
    let listener = try ListeningSocket.open(address, mode: 0o600, backlog: 1)
    var waiting: [CInt] = []
    defer { (waiting + [listener]).forEach { close($0) } }
    while isFull {
      let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
      try #require(descriptor >= 0)
      waiting.append(descriptor)
      guard address.withSockAddr({ connect(descriptor, $0, socklen_t($1)) }) == 0 else { break }
    }
    let directory = directory
    await #expect(throws: StatusSocket.Failure.unusable(path, "the service does not answer")) {
      try await NIOThreadPool.singleton.runIfActive {
        try StatusSocket.read(in: [directory], patience: .milliseconds(20))
      }
    }
  }

  @Test("is given up on after a time, however often it says a byte")
  func dripping() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let path = "\(directory)/status.sock"
    let listener = try await ListeningChannel.open(
      SocketAddress(unixDomainSocketPath: path), mode: 0o600, limit: 1, on: loop
    ) { try $0.pipeline.syncOperations.addHandler(Dripping()) }
    let directory = directory
    await #expect(throws: StatusSocket.Failure.unusable(path, "the service does not answer")) {
      try await NIOThreadPool.singleton.runIfActive {
        try StatusSocket.read(in: [directory], patience: .milliseconds(100))
      }
    }
    try await listener.close().get()
  }

  @Test("is read without what commands a terminal, in every text")
  func hostile() async throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let bad = "a\u{1b}[2J\u{9b}\u{202e}\n"
    var call = ServiceStatus.Call(jid: bad)
    (call.path, call.qualityLimitationReason, call.roundTripTime) = (bad, bad, 1e300)
    var status = ServiceStatus.sample(
      calls: [call], events: [.init(time: .max, level: bad, text: bad, metadata: [bad: bad])],
      pairing: .init(code: bad, expiresIn: .max))
    (status.jid, status.program, status.source, status.state) = (bad, bad, bad, bad)
    let server = try await StatusServer.open(in: directory, on: loop) { [status] in status }
    let json = try await read().json
    server.close()
    #expect(json.count { $0 == "a" } > 11 && json.contains("1e+300"))
    #expect(!json.contains("\\"), "\(json)")
    #expect(json.unicodeScalars.allSatisfy { ![0x1b, 0x9b, 0x202e].contains($0.value) }, "\(json)")
  }
}

/// Says a byte each millisecond, for several seconds.
private final class Dripping: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    let left = NIOLoopBoundBox.makeBoxSendingValue(3_000, eventLoop: context.eventLoop)
    context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { task in
      left.value -= 1
      guard left.value > 0, channel.isActive else {
        task.cancel()
        return channel.close(promise: nil)
      }
      channel.writeAndFlush(ByteBuffer(string: " "), promise: nil)
    }
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
