import ArgumentParser
import Logging

/// What is printed while the program runs.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON to standard output, one object per line.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How much to log on standard error.", valueName: "level"))
  var logLevel: Logger.Level = .warning
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
