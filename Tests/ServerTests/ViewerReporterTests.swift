import Logging
import NIOConcurrencyHelpers
import Testing

@testable import Server
@testable import Streamer

@Suite("A viewer's call in the log")
struct ViewerReporterTests {
  private func reason(of outcome: CallSummary.Outcome) -> String? {
    let metadata = NIOLockedValueBox<Logger.Metadata>([:])
    let logger = Logger(label: "test") { _ in MetadataRecorder(latest: metadata) }
    ViewerReporter(logger: logger).report(CallSummary(outcome: outcome, text: "why", duration: 0))
    return metadata.withLockedValue { $0["reason"]?.description }
  }

  @Test("that failed says why")
  func reason() {
    #expect(reason(of: .failed) == "why")
    #expect(reason(of: .hungUp) == nil)
  }

  @Test("says what limits the picture")
  func limit() {
    let metadata = NIOLockedValueBox<Logger.Metadata>([:])
    let logger = Logger(label: "test") { _ in MetadataRecorder(latest: metadata) }
    ViewerReporter(logger: logger).report(PictureLimit(width: 640, height: 360, cause: .network(bitrate: 480_000)))
    #expect(metadata.withLockedValue { $0["picture"] } == "640x360, the network allows 480 kbit/s")
  }

  private struct MetadataRecorder: LogHandler {
    let latest: NIOLockedValueBox<Logger.Metadata>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { latest.withLockedValue { $0 = event.metadata ?? [:] } }
  }
}
