import ArgumentParser
import Glibc

/// The program: parses the command line, runs the command, and says what is wrong with either in one line.
@main
enum Main {
  static func main() {
    Task.detached {
      await run()
      exit(ExitStatus.success.rawValue)
    }
    // An asynchronous `main` has Dispatch end this thread by unwinding its stack: 0.7 MB of tables read for nothing.
    while true { pause() }
  }

  private static func run() async {
    do {
      try CommandLineAdvice.check(Array(CommandLine.arguments.dropFirst()))
      var command = try JingleCam.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
  }

  private static func end(with error: any Error) -> Never {
    guard JingleCam.exitCode(for: error) == .validationFailure, !JingleCam.message(for: error).isEmpty else {
      JingleCam.exit(withError: error)
    }
    let advice = CommandLineAdvice(Array(CommandLine.arguments.dropFirst()))
    StandardStream.error("jinglecam: \(advice.line(on: JingleCam.message(for: error)))")
    StandardStream.drain()
    exit(ExitStatus.usage.rawValue)
  }
}
