import ArgumentParser
import Logging
import NIOPosix
import Network
import Server
import State

struct StatsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Shows a running jinglecam serve: who watches, what they are sent, and what happened last.",
    discussion: """
      On a terminal it is kept up to date until Ctrl-C; otherwise it is printed once. It asks the socket of the service, \
      which root and the service's own user may open.

      Examples:
        sudo jinglecam stats
        sudo jinglecam stats --instance door
        jinglecam stats --json
      """)

  @Option(
    help: ArgumentHelp(
      "The service jinglecam@NAME (default: your own jinglecam serve, then the service jinglecam).", valueName: "name"))
  var instance: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() async throws {
    let directories = RuntimeDirectory.candidates(instance: instance)
    let isLive = !json && LiveScreen.isPossible
    let isTerminal = LiveScreen.isTerminal
    try await CommandRunner.run(
      logLevel: .error, report: { StandardStream.error("jinglecam: \($0)") }
    ) { _ throws(CommandError) in
      let first = try Self.read(directories)
      guard isLive else {
        // Whoever reads a file or a pipe has all the room there is.
        let lines = StatsPrinter(style: .output, width: isTerminal ? LiveScreen.size.columns : .max).lines(first)
        StandardStream.output(json ? first.json : lines.joined(separator: "\n"))
        return .success
      }
      let work = await CancellableWork.run { () -> Result<Void, CommandError> in
        do throws(CommandError) { return .success(try await Self.watch(directories)) } catch { return .failure(error) }
      }
      if case .failure(let error) = work.value { throw error }
      return .success
    }
  }

  /// Until the task is cancelled.
  private static func watch(_ directories: [String]) async throws(CommandError) {
    var screen = LiveScreen()
    while !Task.isCancelled {
      let status = try read(directories)
      let size = LiveScreen.size
      // The last row is the cursor's.
      let printer = StatsPrinter(style: .output, width: size.columns, rows: size.rows - 1)
      StandardStream.output(screen.text(printer.lines(status), rows: size.rows))
      // The service's own figures are new once a second.
      try? await MultiThreadedEventLoopGroup.singleton.next().wait(.seconds(1))
    }
  }

  private static func read(_ directories: [String]) throws(CommandError) -> ServiceStatus {
    do throws(StatusSocket.Failure) {
      return try StatusSocket.read(in: directories)
    } catch {
      throw CommandError(error)
    }
  }
}
