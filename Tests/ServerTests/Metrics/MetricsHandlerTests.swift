import NIOCore
import NIOEmbedded
import Testing

@testable import Network
@testable import Server

@Suite("One who asks for metrics")
struct MetricsHandlerTests {
  private let channel = EmbeddedChannel()

  init() throws {
    try MetricsServer.configure(channel) { MetricsSnapshot() }
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  private func answer(_ request: String) throws -> String {
    // What is malformed is told to the channel as an error, after the answer.
    _ = try? channel.writeInbound(ByteBuffer(string: request))
    var answer = ""
    while let bytes = try channel.readOutbound(as: ByteBuffer.self) { answer += String(buffer: bytes) }
    channel.embeddedEventLoop.run()
    return answer
  }

  @Test("gets them, and the connection ends", arguments: ["/metrics", "/metrics?collect=all"])
  func get(target: String) throws {
    let answer = try answer("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
    let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(parts[0].contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
    #expect(parts[0].contains("Content-Length: \(parts[1].utf8.count)\r\n"))
    #expect(parts[1] == MetricsText(MetricsSnapshot()).text)
    #expect(!channel.isActive)
  }

  @Test(
    "who asks for something else, or otherwise, is told so",
    arguments: [
      ("GET / HTTP/1.1", "404 Not Found"), ("GET /metrics/ HTTP/1.1", "404 Not Found"),
      ("POST / HTTP/1.1", "404 Not Found"), ("POST /metrics HTTP/1.1", "405 Method Not Allowed"),
      ("DELETE /metrics HTTP/1.1", "405 Method Not Allowed"), ("nonsense", "400 Bad Request"),
    ])
  func refused(line: String, status: String) throws {
    let answer = try answer("\(line)\r\nHost: a\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(answer)")
    #expect(answer.contains("Allow: GET") == status.hasPrefix("405"))
    #expect(!channel.isActive)
  }

  @Test("is answered once, whatever follows on the connection")
  func once() throws {
    let answer = try answer(String(repeating: "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", count: 3))
    #expect(answer.split(separator: "HTTP/1.1 200 OK").count == 1)
  }

  @Test("is cut off for a header that is too long")
  func longHeader() throws {
    let answer = try answer("GET /metrics HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 10_000))\r\n\r\n")
    #expect(!answer.contains("200 OK"))
    #expect(!channel.isActive)
  }

  @Test("is cut off for headers without end, though each is short")
  func manyHeaders() throws {
    let headers = (0..<100).map { "X\($0): \(String(repeating: "x", count: 100))\r\n" }.joined()
    #expect(try !answer("GET /metrics HTTP/1.1\r\nHost: a\r\n\(headers)").contains("200 OK"))
    #expect(!channel.isActive)
  }

  @Test("is cut off where the request does not end within ten seconds")
  func slow() throws {
    #expect(try answer("GET /metr").isEmpty)
    channel.embeddedEventLoop.advanceTime(by: MetricsHandler.patience - .milliseconds(1))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!channel.isActive)
  }
}
