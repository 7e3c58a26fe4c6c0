import Call

@testable import Streamer

/// A reporter for tests of what is not reported.
struct SilentReporter: Reporter {
  func report(_ state: CallState, detail: String?) {}
  func report(_ statistics: CallStatistics) {}
  func report(_ limit: PictureLimit) {}
  func report(_ summary: CallSummary) {}
  func report(notice: String) {}
}
