import Logging
import NIOCore

/// A login for somebody who waits to see it: it is given up sooner than one that nobody looks at.
struct LoginAttempt: Sendable {
  private let configuration: XMPPClient.Configuration
  private let eventLoop: any EventLoop
  private let logger: Logger

  private static let limit = TimeAmount.seconds(8)

  init(_ configuration: XMPPClient.Configuration, on eventLoop: any EventLoop, logger: Logger) {
    self.configuration = configuration
    self.eventLoop = eventLoop
    self.logger = logger
  }

  func run() async throws(XMPPClientError) -> XMPPClient {
    let promise = eventLoop.makePromise(of: XMPPClient.self)
    let attempt = Task {
      do {
        let client = try await XMPPClient.connect(configuration, on: eventLoop, logger: logger)
        promise.succeed(client)
        if Task.isCancelled { await client.close() }
      } catch {
        promise.fail(error)
      }
    }
    // Whichever comes second is ignored.
    let timer = eventLoop.scheduleTask(in: Self.limit) {
      attempt.cancel()
      promise.fail(CancellationError())
    }
    defer { timer.cancel() }
    do {
      return try await promise.futureResult.get()
    } catch let error as XMPPClientError {
      throw error
    } catch {
      throw XMPPClientError(
        .unreachable,
        "the XMPP server of \(configuration.jid.domain) does not answer in \(CheckText.time(Self.limit)): "
          + "check the network, or name the server with --server HOST:PORT")
    }
  }
}
