import ArgumentParser
import Glibc
import Streamer

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
    StandardStream.error("jinglecam: \(oneLine(JingleCam.message(for: error))) (see jinglecam --help)")
    StandardStream.drain()
    exit(ExitStatus.usage.rawValue)
  }

  /// Where there are several values to choose from, ArgumentParser lists them one a line.
  private static func oneLine(_ message: String) -> String {
    var lines = message.split(separator: "\n").map { String($0.drop { " -".contains($0) }) }
    let sentence = lines.removeFirst()
    return lines.isEmpty ? sentence : "\(sentence) \(lines.joined(separator: ", "))"
  }
}
