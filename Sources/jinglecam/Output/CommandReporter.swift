import Streamer

/// Where a command tells how it goes: to a person on a terminal, or to a program as JSON.
protocol CommandReporter: Reporter {
  /// What kept it from doing what was asked.
  func report(_ error: CommandError)
}

enum CommandReporters {
  static func make(json: Bool) -> any CommandReporter {
    json ? JSONReporter() : TerminalReporter()
  }
}
