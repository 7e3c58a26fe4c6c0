import Diagnosis
import NIOCore
import Network
import Streamer
import Synchronization

/// `jinglecam check` from afar.
extension CameraServer {
  /// Its lines, or in brief the verdict, after at most 30 seconds.
  func check(isBrief: Bool) async -> String {
    guard let client, desk.begin(.check) else { return "A check is already under way. Try again in a minute." }
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
    return isBrief ? transcript.conclusion : transcript.text
  }
}

/// The lines of a check for people.
private final class CheckTranscript: CheckReporter {
  private let lines = Mutex<[String]>([])

  private let last = Mutex("")

  var text: String { lines.withLock { $0.joined(separator: "\n") } }
  /// For a telephone: what it comes to.
  var conclusion: String { last.withLock { $0 } }

  func report(_ event: some CheckEvent) {
    guard !event.isForPrograms else { return }
    lines.withLock { $0.append(event.textLine) }
  }

  func report(_ verdict: CheckVerdict, time: TimeAmount) {
    let event = VerdictEvent(verdict, time: time)
    report(event)
    last.withLock { $0 = event.text.sentence }
  }

  func report(_ error: StreamError) {
    let text = PrintableText.from(error.description)
    lines.withLock { $0.append(text) }
    last.withLock { $0 = text.sentence }
  }
}
