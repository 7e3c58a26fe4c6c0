import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Network
import Settings

/// Answers `GET /metrics`; off unless somebody asks for it.
struct MetricsServer {
  /// One scrapes, another looks; more are a mistake.
  static let maximumConnections: Int32 = 8
  /// The group of a Unix socket's file may scrape as well.
  private static let mode: mode_t = 0o660
  /// The most bytes of a request's header, far more than any client sends.
  private static let maximumHeaderSize = 8 * 1024

  private let address: MetricsAddress
  private let channel: any Channel

  /// `snapshot` is called on the event loop, for each scrape.
  static func open(
    _ address: MetricsAddress, on eventLoop: any EventLoop, snapshot: @escaping @Sendable () -> MetricsSnapshot
  ) async throws(ServeError) -> MetricsServer {
    do {
      let channel = try await ListeningChannel.open(
        address.socketAddress, mode: mode, limit: maximumConnections, on: eventLoop
      ) { channel in try configure(channel, snapshot) }
      return MetricsServer(address: address, channel: channel)
    } catch {
      throw .metrics(
        "--metrics \(address) cannot be opened: \((error as? IOError).map(cause) ?? NetworkFailure.reason(error))")
    }
  }

  static func configure(_ channel: any Channel, _ snapshot: @escaping () -> MetricsSnapshot) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = maximumHeaderSize
    limits.maxHeaderListSize = maximumHeaderSize
    let pipeline = channel.pipeline.syncOperations
    try pipeline.configureHTTPServerPipeline(
      withPipeliningAssistance: false, withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
    try pipeline.addHandler(MetricsHandler(snapshot: snapshot))
  }

  private static func cause(_ error: IOError) -> String {
    switch error.errnoCode {
    case EADDRINUSE: "something else is there; choose another place"
    case ENOENT: "its directory does not exist"
    default: String(cString: strerror(error.errnoCode))
    }
  }

  func close() {
    // First the name: whoever starts now must not have his own taken away.
    if case .unixSocket(let path) = address { unlink(path) }
    channel.close(promise: nil)
  }
}
