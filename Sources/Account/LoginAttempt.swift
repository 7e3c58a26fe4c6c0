import Logging
import NIOCore
import XMPP

/// A login for somebody who waits to see it: it is given up sooner than one that nobody looks at. It has a resource of
/// its own, since the account's may be that of a camera that serves meanwhile.
package struct LoginAttempt: Sendable {
  private let configuration: XMPPClient.Configuration
  private let eventLoop: any EventLoop
  private let logger: Logger

  private static let limit = TimeAmount.seconds(8)

  package init(_ configuration: XMPPClient.Configuration, on eventLoop: any EventLoop, logger: Logger) {
    var configuration = configuration
    configuration.jid = configuration.jid.bare
    self.configuration = configuration
    self.eventLoop = eventLoop
    self.logger = logger
  }

  package func run() async throws(XMPPClientError) -> XMPPClient {
    let attempt = Task { [configuration, eventLoop, logger] () -> Result<XMPPClient, XMPPClientError> in
      do throws(XMPPClientError) {
        return .success(try await XMPPClient.connect(configuration, on: eventLoop, logger: logger))
      } catch {
        return .failure(error)
      }
    }
    let timer = eventLoop.scheduleTask(in: Self.limit) { attempt.cancel() }
    defer { timer.cancel() }
    let result = await withTaskCancellationHandler {
      await attempt.value
    } onCancel: {
      attempt.cancel()
    }
    guard case .failure(.cancelled) = result, !Task.isCancelled else { return try result.get() }
    throw XMPPClientError(
      .unreachable,
      "the XMPP server of \(configuration.jid.domain) does not answer in \(Self.limit.nanoseconds / 1_000_000_000) s",
      cure: "check the network, or name the server with --server HOST:PORT")
  }
}
