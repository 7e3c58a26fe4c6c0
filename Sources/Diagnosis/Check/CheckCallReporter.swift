import Call
import NIOCore
import Streamer
import Synchronization

/// Makes steps of a check of what a call reports.
final class CheckCallReporter: Reporter {
  private let reporter: any CheckReporter
  private let startedAt = NIODeadline.now()
  private let state = Mutex<CallState?>(nil)

  init(_ reporter: any CheckReporter) {
    self.reporter = reporter
  }

  /// The last state that it came to.
  var latest: CallState? { state.withLock { $0 } }

  func report(_ state: CallState, detail: String?) {
    self.state.withLock { $0 = state }
    // The check itself has told of its login.
    guard state != .loggingIn else { return }
    reporter.report(CheckCallEvent(state: state, detail: detail, time: (NIODeadline.now() - startedAt).seconds))
  }

  func report(_ statistics: CallStatistics) {}
  func report(_ limit: PictureLimit) {}
  func report(_ summary: CallSummary) {}
  func report(notice: String) {}
}
