import NIOCore
import NIOHTTP1
import NIOPosix
import XMPP

/// One file put where a slot says (RFC 9110 section 9.3.4, XEP-0363 section 6), over TLS that is verified as the XMPP
/// server's is. What the server answers is not followed anywhere.
package struct HTTPSPut: Sendable {
  let slot: HTTPFileUpload.Slot
  let file: ByteBuffer
  let contentType: String
  let caFile: String?
  let eventLoop: any EventLoop
  /// For all of it, but for a last attempt to connect. The URL of a slot may be good for a minute only (section 7).
  let timeout: TimeAmount
  let resolver: HostResolver

  package init(
    slot: HTTPFileUpload.Slot, file: ByteBuffer, contentType: String, caFile: String?, eventLoop: any EventLoop,
    timeout: TimeAmount = .seconds(30), resolver: HostResolver = HostResolver()
  ) {
    self.slot = slot
    self.file = file
    self.contentType = contentType
    self.caFile = caFile
    self.eventLoop = eventLoop
    self.timeout = timeout
    self.resolver = resolver
  }

  private static let connectTimeout = TimeAmount.seconds(10)

  /// Why the file was not taken, for people.
  package struct Failure: Error {
    package let reason: String
  }

  private enum NoAnswer: Error {
    case unknownHost
    case timedOut
  }

  package func run() async throws(Failure) {
    let status: HTTPResponseStatus
    do {
      status = try await answer()
    } catch {
      throw Failure(reason: Self.reason(error))
    }
    // "A HTTP status Code of 201 means that the server is now ready to serve the file"; some say 200.
    guard status == .created || status == .ok else {
      throw Failure(reason: "it answered \(status.code) \(status.reasonPhrase)")
    }
  }

  /// The answer of the first of the host's addresses that takes a connection.
  private func answer() async throws -> HTTPResponseStatus {
    let deadline = NIODeadline.now() + timeout
    // Reading the system's authorities takes tens of milliseconds.
    let context = try await NIOThreadPool.singleton.runIfActive { [caFile] in
      try TLSClientContext(caFile: caFile)
    }
    let addresses = await resolver.addresses(of: slot.put.host, port: slot.put.port)
    guard !addresses.isEmpty else { throw NoAnswer.unknownHost }
    var failure: any Error = NoAnswer.timedOut
    for address in addresses where .now() < deadline {
      let answer = eventLoop.makePromise(of: HTTPResponseStatus.self)
      do {
        try await connect(to: address, context, deadline, answer)
      } catch {
        answer.fail(error)
        // What the end of the time does to a connection on its way is no fault of the host's.
        failure = .now() < deadline ? error : NoAnswer.timedOut
        continue
      }
      return try await answer.futureResult.get()
    }
    throw failure
  }

  private func connect(
    to address: SocketAddress, _ context: TLSClientContext, _ deadline: NIODeadline,
    _ answer: EventLoopPromise<HTTPResponseStatus>
  ) async throws {
    _ = try await ClientBootstrap(group: eventLoop)
      .connectTimeout(Self.connectTimeout)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.setCloseOnExec()
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(context.makeHandler(serverName: slot.put.host))
          try pipeline.addHTTPClientHandlers(decoderLimitConfiguration: Self.limits)
          try pipeline.addHandler(HTTPSPutHandler(request: request, file: file, answer: answer))
          let timer = channel.eventLoop.scheduleTask(deadline: deadline) {
            answer.fail(NoAnswer.timedOut)
            channel.close(promise: nil)
          }
          answer.futureResult.whenComplete { _ in timer.cancel() }
        }
      }
      .connect(to: address).get()
  }

  /// Nothing of what a server answers is of interest but its status.
  private static var limits: NIOHTTPDecoderLimitConfiguration {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 8 * 1024
    limits.maxHeaderListSize = 32 * 1024
    return limits
  }

  private var request: HTTPRequestHead {
    var headers: HTTPHeaders = [
      "Host": slot.put.authority, "Content-Type": contentType, "Content-Length": String(file.readableBytes),
      "Connection": "close",
    ]
    for header in slot.headers { headers.add(name: header.name, value: header.value) }
    return HTTPRequestHead(version: .http1_1, method: .PUT, uri: slot.put.target, headers: headers)
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case NoAnswer.unknownHost: "the name of its host cannot be resolved"
    case NoAnswer.timedOut: "no answer in time"
    case is TLSClientContext.Failure: "TLS cannot be set up"
    case is HTTPParserError: "it does not speak HTTP"
    default: TLSClientContext.reason(error)
    }
  }
}
