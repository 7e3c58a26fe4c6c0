import ArgumentParser
import Diagnosis
import Glibc
import Logging
import Settings
import Setup

struct SetupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Asks a few questions and leaves a camera that can be called.",
    discussion: """
      It finds the camera, creates its account or logs in to one, asks who may watch, writes the settings and the \
      password, tests them as doctor does, starts the service, shows a QR code for the phone, and waits for the first \
      call. Each option answers a question; run it again to change something. Until all questions are answered, nothing \
      is changed.

      Examples:
        sudo jinglecam setup
        sudo jinglecam setup --yes --jid cam@example.net --register \\
          --allow ann@example.net
        sudo jinglecam setup --instance door \\
          --invitation 'xmpp:example.net?register;preauth=TOKEN'
        jinglecam setup --config camera.yaml
      """)

  @Option(help: "What to show, as SOURCE of jinglecam serve (default: the camera).", completion: .file())
  var source: String?

  @Flag(help: "Create the account of --jid on its server, if that lets clients create accounts.")
  var register = false

  @Option(
    help: ArgumentHelp(
      "Create the account with this invitation link: xmpp:DOMAIN?register;preauth=TOKEN.", valueName: "link"))
  var invitation: String?

  @Option(
    help: ArgumentHelp(
      "Who may watch: user@domain, or a domain for everybody who has an account there. May be repeated; the first person may also give orders.",
      valueName: "jid"))
  var allow: [String] = []

  @Option(help: "What the camera is called in the contact list of the phone (default: Camera).")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Set up one of several cameras: the service jinglecam@NAME, with its own account and files.", valueName: "name"))
  var instance: String?

  @Option(
    help: ArgumentHelp(
      "Write the settings into this file, and the password beside it (default: /etc/jinglecam/jinglecam.yaml).",
      valueName: "file"), completion: .file())
  var config: String?

  @Flag(help: "Ask nothing: take the options, and the defaults for what they do not say.")
  var yes = false

  @OptionGroup(title: "Account")
  var account: AccountOptions

  @Flag(help: "Print JSON to standard output, an object per step; questions are asked on standard error.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How much to log on standard error.", valueName: "level"))
  var logLevel: Logger.Level = .error

  func run() async throws {
    let terminal = SetupTerminal(json: json)
    try await CommandRunner.run(logLevel: logLevel, report: terminal.report) { logger throws(CommandError) in
      let paths = try CommandError.checking { () throws(SettingError) in
        try SetupPaths(config: config, instance: instance, in: Self.currentDirectory)
      }
      let request = try CommandError.checking(request)
      let session = SetupSession(
        request, paths: paths, defaultName: instance ?? "Camera", output: terminal, logger: logger)
      let work = await CancellableWork.run { () -> Result<DoctorConclusion, SetupError> in
        do throws(SetupError) {
          let (conclusion, service) = try await session.run()
          terminal.report(conclusion)
          if let service, !yes, !json, terminal.isInteractive { await service.waitForCall(terminal) }
          return .success(conclusion)
        } catch {
          return .failure(error)
        }
      }
      switch work.value {
      case .success(let conclusion): return ExitStatus(conclusion.cause)
      case .failure(.cancelled): return .interrupted
      case .failure(let error): throw CommandError(error)
      }
    }
  }

  private static var currentDirectory: String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }

  private func request() throws(SettingError) -> SetupRequest {
    guard invitation == nil || !register else {
      throw SettingError("--register and --invitation are two ways to an account", cure: "give one of them", .usage)
    }
    var request = SetupRequest()
    request.source = source
    request.jid = account.jid
    request.creates = register
    request.invitation = invitation
    request.server = account.server
    request.caFile = account.caFile
    request.allow = allow.isEmpty ? nil : allow
    request.name = name
    request.isOneOfSeveral = instance != nil
    request.isUnattended = yes
    if account.passwordFile != nil || getenv("JINGLECAM_PASSWORD") != nil {
      request.password = try Password.read(file: account.passwordFile)
    }
    return request
  }
}
