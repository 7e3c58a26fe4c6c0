import ArgumentParser
import Diagnosis
import NIOCore
import Settings
import Streamer

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Tests whether calls from this computer will go through, and explains why not.",
    discussion: """
      With an account it tests the STUN and TURN servers that the XMPP server names, and those of --stun and --turn; \
      without one, only the latter. With PEER it places a short test call, and the verdict is what happened instead of a \
      prediction. The exit code is 0 if a direct path is likely, 10 if a relay is needed, 11 if there is no path, and 12 \
      if the TURN server refuses the credentials.

      Examples:
        jinglecam check --jid cam@example.net
        jinglecam check ann@example.net --jid cam@example.net
        jinglecam check --stun stun:stun.example.net \\
          --turn turns:turn.example.net:443
      """)

  @Argument(help: "A viewer to call for three seconds with a test picture: user@domain.")
  var peer: String?

  @OptionGroup(title: "Account")
  var account: AccountOptions

  @OptionGroup(title: "Connectivity")
  var ice: ICEOptions

  @Option(help: ArgumentHelp("A STUN server to test, stun:HOST[:PORT]. May be repeated.", valueName: "uri"))
  var stun: [String] = []

  @Option(
    help: ArgumentHelp(
      "Repeat the test every this many seconds, until Ctrl-C (default: test once).", valueName: "seconds"))
  var every: String?

  @Flag(help: "Print every step, with the time that it took, instead of a summary.")
  var verbose = false

  @OptionGroup(title: "Output")
  var output: OutputOptions

  func run() async throws {
    let reporter = CheckPrinter(json: output.json, isVerbose: verbose, style: .output)
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
    if let file = account.caFile { try AuthorityFile.check(file) }
    return CheckConfiguration(
      account: try account.jid == nil ? nil : account.account(),
      peer: try peer.map { text throws(SettingError) in try AccountOptions.person(text, .argument("PEER")) },
      stunServers: servers,
      turnServers: try ice.turnServers(), icePolicy: ice.icePolicy ?? .all, relaxedTURN: ice.turnRelaxed,
      caFile: account.caFile, interval: try Seconds.amount(every, option: "every"))
  }
}
