import Call
import NIOCore
import Streamer
import Synchronization

/// Makes steps of a check of what a call reports, and keeps what it came to.
final class CheckCallReporter: Reporter {
  private let reporter: any CheckReporter
  private let startedAt = NIODeadline.now()
  private let result = Mutex<(latest: CallState?, summary: CallSummary?)>((nil, nil))

  init(_ reporter: any CheckReporter) {
    self.reporter = reporter
  }

  /// The last state that it came to.
  var latest: CallState? { result.withLock { $0.latest } }
  var summary: CallSummary? { result.withLock { $0.summary } }

  func report(_ state: CallState, detail: String?) {
    result.withLock { $0.latest = state }
    // The check itself has told of its login.
    guard state != .loggingIn else { return }
    reporter.report(CheckCallEvent(state: state, detail: detail, time: (NIODeadline.now() - startedAt).seconds))
  }

  func report(_ summary: CallSummary) {
    result.withLock { $0.summary = summary }
  }

  func report(_ statistics: CallStatistics) {}
  func report(_ limit: PictureLimit) {}
  func report(notice: String) {}
}
