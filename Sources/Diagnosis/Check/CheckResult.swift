import Streamer

/// How a check, or the last of several, ended.
package enum CheckResult: Sendable {
  case verdict(CheckVerdict)
  /// The reporter was told of it, and other checks were made before.
  case failed(StreamError)
  /// Before there was anything to tell.
  case cancelled
}
