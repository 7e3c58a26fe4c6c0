import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import Network
@testable import XMPP

@Suite("A file put by HTTPS", .enabled(if: ProsodyServer.isInstalled))
struct HTTPSPutTests {
  @Test("goes where the slot says, as it is, with the slot's headers", .timeLimit(.minutes(1)))
  func put() async throws {
    let server = try await UploadServer(answer: "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    try await server.put("/a/b.jpg?c=d")
    let request = try #require(server.requests.first)
    #expect(request.head.method == .PUT && request.head.uri == "/a/b.jpg?c=d")
    #expect(request.head.headers["host"] == ["localhost:\(server.port)"])
    #expect(request.head.headers["authorization"] == ["Bearer secret"])
    #expect(request.head.headers["content-type"] == ["image/jpeg"])
    #expect(request.head.headers["content-length"] == ["100000"])
    #expect(request.body == UploadServer.file)
    try await server.stop()
  }

  @Test(
    "is there with 200 too; any other answer, a redirection among them, is a refusal that is told",
    .timeLimit(.minutes(1)),
    arguments: [
      ("200 OK", nil), ("413 Payload Too Large", "413 Payload Too Large"), ("204 No Content", "204 No Content"),
      ("307 Temporary Redirect\r\nLocation: https://localhost/elsewhere", "307 Temporary Redirect"),
    ])
  func status(_ status: String, _ told: String?) async throws {
    let server = try await UploadServer(answer: "HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
    let failure = await server.failure()
    #expect(failure == told.map { "it answered \($0)" })
    #expect(server.requests.count == 1)
    try await server.stop()
  }

  @Test("is not sent to whom the URL does not name, or whom no trusted authority signed", .timeLimit(.minutes(1)))
  func trust() async throws {
    let server = try await UploadServer(answer: "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", name: "other.test")
    #expect(await server.failure() == "the server's certificate is for another name")
    #expect(await server.failure(trusting: false)?.contains("is not trusted") == true)
    // Its certificate is for this address as well.
    #expect(await server.failure(host: "127.0.0.1") == nil)
    #expect(server.requests.count == 1)
    try await server.stop()
  }

  @Test("ends where the server says nothing, nothing of HTTP, or without end", .timeLimit(.minutes(1)))
  func foreign() async throws {
    for (answer, told) in [
      ("", "no answer in time"), ("SSH-2.0-OpenSSH\r\n", "it does not speak HTTP"),
      ("HTTP/1.1 201 Created\r\nX: " + String(repeating: "a", count: 20_000), "it does not speak HTTP"),
    ] {
      let server = try await UploadServer(answer: answer)
      let failure = await server.failure(timeout: answer.isEmpty ? .milliseconds(500) : .seconds(30))
      #expect(failure == told)
      try await server.stop()
    }
  }

  @Test("is tried at each address of the host, and tells why none took it", .timeLimit(.minutes(1)))
  func addresses() async throws {
    let server = try await UploadServer(answer: "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    #expect(await server.failure(addresses: ["127.0.0.2", "127.0.0.1"]) == nil)
    #expect(await server.failure(addresses: ["127.0.0.2", "127.0.0.3"]) == "Connection refused")
    #expect(await server.failure(addresses: []) == "the name of its host cannot be resolved")
    try await server.stop()
  }
}

/// Takes files by TLS on loopback, and answers all of them the same.
private final class UploadServer: Sendable {
  struct Request: Sendable {
    var head: HTTPRequestHead
    var body: [UInt8] = []
  }

  static let file = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

  let port: Int
  private let channel: any Channel
  private let directory: String
  private let log: Log

  final class Log: Sendable {
    let requests = Mutex<[Request]>([])
  }

  var requests: [Request] { log.requests.withLock { $0 } }

  /// - Parameter name: whom its certificate is for, besides 127.0.0.1.
  init(answer: String, name: String = "localhost") async throws {
    directory = FileManager.default.temporaryDirectory.path + "/jinglecam-upload-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try ProsodyServer.makeCertificates(in: directory, name: name)
    let certificate = "\(directory)/\(ProsodyServer.domain)"
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile("\(certificate).crt").map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(certificate).key", format: .pem))))
    let log = Log()
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(NIOSSLServerHandler(context: context))
          try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
          try pipeline.addHandler(Handler(answer: ByteBuffer(string: answer), log: log))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress!.port!
    self.log = log
  }

  func stop() async throws {
    try await channel.close()
    try FileManager.default.removeItem(atPath: directory)
  }

  func put(
    _ target: String, host: String = "localhost", trusting: Bool = true, timeout: TimeAmount = .seconds(30),
    addresses: [String] = ["127.0.0.1"]
  ) async throws(HTTPSPut.Failure) {
    let (url, port) = ("https://\(host):\(port)\(target)", port)
    let slot: HTTPFileUpload.Slot
    do {
      var put = XMLElement("put", namespace: HTTPFileUpload.namespace, attributes: ["url": url])
      put.append(
        XMLElement(
          "header", namespace: HTTPFileUpload.namespace, attributes: ["name": "Authorization"],
          children: [.text("Bearer secret")]))
      let get = XMLElement("get", namespace: HTTPFileUpload.namespace, attributes: ["url": url])
      slot = try HTTPFileUpload.Slot(
        parsing: XMLElement(
          "iq", namespace: "jabber:client",
          children: [
            .element(
              XMLElement("slot", namespace: HTTPFileUpload.namespace, children: [.element(put), .element(get)]))
          ]))
    } catch {
      preconditionFailure("\(error)")
    }
    try await HTTPSPut(
      slot: slot, file: ByteBuffer(bytes: Self.file), contentType: "image/jpeg",
      caFile: trusting ? directory + "/ca.crt" : nil, eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
      timeout: timeout,
      resolver: HostResolver { _, _ in addresses.compactMap { try? SocketAddress(ipAddress: $0, port: port) } }
    ).run()
  }

  /// Why it was not taken; nil: it was.
  func failure(
    host: String = "localhost", trusting: Bool = true, timeout: TimeAmount = .seconds(30),
    addresses: [String] = ["127.0.0.1"]
  ) async -> String? {
    do throws(HTTPSPut.Failure) {
      try await put("/", host: host, trusting: trusting, timeout: timeout, addresses: addresses)
      return nil
    } catch {
      return error.reason
    }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let answer: ByteBuffer
    private let log: Log
    private var request: Request?

    init(answer: ByteBuffer, log: Log) {
      self.answer = answer
      self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): request = Request(head: head)
      case .body(let bytes): request?.body += bytes.readableBytesView
      case .end:
        if let request { log.requests.withLock { $0.append(request) } }
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
