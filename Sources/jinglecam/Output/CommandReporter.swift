import Streamer

/// Where a command tells how it goes: to a person on a terminal, or to a program as JSON.
protocol CommandReporter: Reporter {
  /// What kept it from doing what was asked.
  func report(_ error: CommandError)
  /// What the only call of a command came to, and the exit code that goes with it.
  func report(_ summary: CallSummary, _ status: ExitStatus)
}

enum CommandReporters {
  static func make(json: Bool) -> any CommandReporter {
    json ? JSONReporter() : TerminalReporter()
  }
}
