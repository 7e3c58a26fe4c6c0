import ArgumentParser
import Logging

/// What is printed while the program runs.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object an event and a second on standard output.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "trace, debug, info, notice, warning, error or critical; the log goes to standard error.", valueName: "level"))
  var logLevel: Logger.Level = .warning
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
