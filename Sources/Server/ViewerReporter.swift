import Call
import Logging
import Streamer

/// Tells the log how a viewer's call goes.
struct ViewerReporter: Reporter {
  let logger: Logger

  func report(_ state: CallState, detail: String?) {
    logger.info("call state", metadata: ["state": "\(state.rawValue)"])
  }

  func report(_ statistics: CallStatistics) {}
  func report(_ limit: PictureLimit) { logger.info("call picture", metadata: ["picture": "\(limit.text)"]) }
  func report(_ summary: CallSummary) {
    let path = summary.statistics?.pathKind ?? "none"
    let bytes = summary.statistics?.transport.bytesSent ?? 0
    var metadata: Logger.Metadata = [
      "outcome": "\(summary.outcome.rawValue)", "seconds": "\(Int(summary.duration.rounded()))", "path": "\(path)",
      "bytes": "\(bytes)",
    ]
    if summary.outcome == .failed { metadata["reason"] = "\(summary.text)" }
    logger.notice("call ended", metadata: metadata)
  }

  func report(notice: String) { logger.notice("\(notice)") }
}
