import ArgumentParser
import Diagnosis
import NIOCore
import Settings
import Streamer

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Tells whether calls from here will go through, and if not, why.",
    discussion: """
      With an account it asks the servers that its XMPP server names; without, --stun and --turn are enough. Whoever is \
      named is called, and the verdict is then no prediction. The exit code is 0 where a direct path is likely, 10 where a relay is needed, 11 where there is no path, and 12 where the \
      TURN server refuses the credentials.

      jinglecam check --jid cam@example.net
      jinglecam check ann@example.net --jid cam@example.net
      jinglecam check --stun stun:stun.example.net --turn turns:turn.example.net:443
      """)

  @Argument(help: "Whom to call for a moment, with a test picture, to see it happen: user@domain.")
  var peer: String?

  @OptionGroup(title: "Account")
  var account: AccountOptions

  @OptionGroup(title: "Connectivity")
  var ice: ICEOptions

  @Option(help: ArgumentHelp("A STUN server to ask, stun:HOST[:PORT]; may repeat.", valueName: "uri"))
  var stun: [String] = []

  @Option(help: ArgumentHelp("Check again every so many seconds, until Ctrl-C.", valueName: "seconds"))
  var every: Double?

  @OptionGroup(title: "Output")
  var output: OutputOptions

  func run() async throws {
    let reporter = CheckPrinter(json: output.json)
    try await CommandRunner.run(logLevel: output.logLevel, report: reporter.report) { logger throws(CommandError) in
      let session = CheckSession(try CommandError.checking(checked), reporter: reporter, logger: logger)
      let work = await CancellableWork.run { () -> Result<CheckResult, StreamError> in
        do throws(StreamError) { return .success(try await session.run()) } catch { return .failure(error) }
      }
      do throws(StreamError) {
        return ExitStatus(try work.value.get())
      } catch {
        throw CommandError(error)
      }
    }
  }

  private func checked() throws(SettingError) -> CheckConfiguration {
    var servers: [STUNURI] = []
    for text in stun { servers.append(try STUNURI(parsing: text)) }
    guard account.jid != nil || !stun.isEmpty || !ice.turn.isEmpty else {
      throw SettingError("there is nothing to ask: give --jid, --stun or --turn", .usage)
    }
    guard peer == nil || account.jid != nil else {
      throw SettingError(of: .option("jid"), "is missing", cure: "name the account that calls \(peer ?? "")", .usage)
    }
    if let file = account.caFile { try Readable.check(file, option: "ca-file") }
    return CheckConfiguration(
      account: try account.jid == nil ? nil : account.account(),
      peer: try peer.map { text throws(SettingError) in try AccountOptions.person(text, role: "the peer") },
      stunServers: servers,
      turnServers: try ice.turnServers(), icePolicy: ice.icePolicy ?? .all, relaxedTURN: ice.turnRelaxed,
      caFile: account.caFile, interval: try Seconds.amount(every, option: "every"))
  }
}
