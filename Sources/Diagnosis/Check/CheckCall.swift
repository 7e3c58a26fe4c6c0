import Account
import Logging
import NIOCore
import Network
import Settings
import Streamer
import XMPP

/// The call of a check: a test picture for a moment, as `stream` would send it.
struct CheckCall: Sendable {
  let configuration: CheckConfiguration
  let account: Account
  let peer: JID
  let reporter: any CheckReporter
  let logger: Logger

  private static let duration = TimeAmount.seconds(3)
  /// The time that the call may ring. Together with the steps before, a check that nobody answers takes 30 s.
  private static let ringTimeout = TimeAmount.seconds(15)

  func run(password: String) async throws(StreamError) -> CheckFindings.Call {
    let result = CheckCallReporter(reporter)
    // A camera that serves meanwhile may have the account's resource.
    var account = account
    account.jid = account.jid.bare
    let stream = StreamConfiguration(
      peer: peer, account: account, video: .init(source: "pattern:640x480@25", limits: .init(maximumBitrate: 500_000)),
      connectivity: .init(
        icePolicy: configuration.icePolicy, turnServers: configuration.turnServers,
        relaxedTURN: configuration.relaxedTURN),
      duration: Self.duration, ringTimeout: Self.ringTimeout, oneWay: false)
    // A signal ends the check, and with it the call.
    let finished = try await StreamSession(stream, reporter: result, logger: logger, abort: {}).run(password: password)
    let summary = CallSummary(of: finished, peer: peer)
    let statistics = summary.statistics
    for pair in statistics?.candidatePairs ?? [] { reporter.report(PairEvent(pair: pair)) }
    if let statistics, result.latest == .streaming {
      reporter.report(PathEvent(statistics, setupTime: summary.setupTime, duration: summary.duration))
      return .connected(isRelayed: statistics.pathKind == "relay")
    }
    if result.latest == .connecting, finished.isPathMissing { return .noPath }
    if summary.outcome == .noAnswer { return .none("\(peer) did not answer in \(CheckText.time(Self.ringTimeout))") }
    return .none(PrintableText.from(summary.text, limit: 160))
  }
}
