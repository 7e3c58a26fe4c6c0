import NIOCore
import Streamer

/// Who is told the steps of a check as they are done, and what it comes to.
package protocol CheckReporter: Sendable {
  func report(_ event: some CheckEvent)
  /// - Parameter time: that the whole check took.
  func report(_ verdict: CheckVerdict, time: TimeAmount)
  /// What kept it from being checked.
  func report(_ error: StreamError)
}
