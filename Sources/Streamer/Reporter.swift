import Call

/// Where the course of a call is told: to a person on a terminal, or to a program as JSON.
package protocol Reporter: Sendable {
  func report(_ state: CallState, detail: String?)
  func report(_ statistics: CallStatistics)
  /// What limits the picture has changed, and stays so.
  func report(_ limit: PictureLimit)
  func report(_ summary: CallSummary)
  /// What a person should know, though all goes on.
  func report(notice: String)
}

/// Where a call stands, as a person sees it.
package enum CallState: String, Codable, Sendable {
  case loggingIn = "logging-in"
  case calling
  case ringing
  case connecting
  case streaming
}
