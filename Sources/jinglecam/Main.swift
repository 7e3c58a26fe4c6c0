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
      try refuseDash(in: CommandLine.arguments.dropFirst())
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

  /// ArgumentParser takes `-clash.mp4` for options of one letter each, with `-h` among them, and answers with the help.
  private static func refuseDash(in arguments: some Sequence<String>) throws {
    let word = arguments.prefix { $0 != "--" }.first { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.count > 2 }
    guard let word else { return }
    throw ValidationError("there is no option \(word); a file of that name is written ./\(word)")
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
