import Diagnosis
import NIOCore
import Network
import Streamer
import Synchronization

/// `jinglecam check` from afar.
extension CameraServer {
  /// Its lines, after at most 30 seconds.
  func check() async -> String {
    guard let client, desk.begin(.check) else { return "a check is under way; try again in a while" }
    defer { desk.end(.check) }
    let transcript = CheckTranscript()
    let connectivity = configuration.connectivity
    let round = CheckRound(
      configuration: .init(
        account: nil, peer: nil, stunServers: [], turnServers: connectivity.turnServers,
        icePolicy: connectivity.icePolicy, relaxedTURN: connectivity.relaxedTURN, caFile: configuration.account.caFile,
        interval: nil),
      password: nil, reporter: transcript, logger: logger, eventLoop: eventLoop, client: client)
    do throws(StreamError) {
      _ = try await round.run()
    } catch {
      transcript.report(error)
    }
    return transcript.text
  }
}

/// The lines of a check for people.
private final class CheckTranscript: CheckReporter {
  private let lines = Mutex<[String]>([])

  var text: String { lines.withLock { $0.joined(separator: "\n") } }

  func report(_ event: some CheckEvent) {
    guard !event.isForPrograms else { return }
    lines.withLock { $0.append(event.textLine) }
  }

  func report(_ verdict: CheckVerdict, time: TimeAmount) { report(VerdictEvent(verdict, time: time)) }

  func report(_ error: StreamError) { lines.withLock { $0.append(PrintableText.from(error.description)) } }
}
