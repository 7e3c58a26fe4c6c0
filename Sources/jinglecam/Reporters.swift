import Streamer

enum Reporters {
  static func make(json: Bool) -> any Reporter {
    json ? JSONReporter() : TerminalReporter()
  }
}
