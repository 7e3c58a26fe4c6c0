import Account
import Capture
import Logging
import NIOCore
import NIOPosix
import Network
import Settings
import State
import Streamer
import XMPP

/// `jinglecam doctor`: looks at all that `jinglecam serve` needs, one after the other, so that nothing disturbs what is
/// measured.
package struct DoctorSession: Sendable {
  private let settings: ServeSettings
  private let file: String?
  private let report: @Sendable (DoctorFinding) -> Void
  private let logger: Logger
  private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

  /// - Parameters:
  ///   - settings: of the command line.
  ///   - file: of `--config`.
  package init(
    _ settings: ServeSettings, file: String?, logger: Logger, report: @escaping @Sendable (DoctorFinding) -> Void
  ) {
    self.settings = settings
    self.file = file
    self.logger = logger
    self.report = report
  }

  /// What was found until the end, or until the task was cancelled.
  package func run() async -> DoctorConclusion {
    var all: [DoctorFinding] = []
    func tell(_ findings: [DoctorFinding]) {
      guard !Task.isCancelled else { return }
      findings.forEach(report)
      all += findings
    }
    let settings = settingsReport()
    tell(settings.findings)
    let password = settings.account.map(Self.password)
    tell(password.map { Self.report(on: $0, of: settings) } ?? [])
    tell(MachineReport.gather().findings)
    if let video = settings.video {
      let outcome = await VideoTrial(configuration: video).run()
      // After the trial: who asks a camera what it can do holds it open.
      let cameras = CameraFinder.isCamera(video.source) ? CameraInventory.all() : []
      tell(SourceReport(source: NetworkAddress.shown(video.source), outcome: outcome, cameras: cameras).findings)
      if case .microphone(let name) = video.sound, !Task.isCancelled {
        let camera = outcome.cameraPath ?? CameraFinder.path(of: video.source)
        tell([await MicrophoneTrial(name: name, camera: camera).run().finding])
      }
    } else {
      tell([.skipped(.camera, Self.wrongSettings), .skipped(.encoder, Self.wrongSettings)])
    }
    if let speaker = settings.speaker, !Task.isCancelled { tell([await SpeakerTrialReport(speaker).finding]) }
    guard !Task.isCancelled else { return DoctorConclusion(all) }
    var client: XMPPClient?
    if let account = settings.account, case .success(let password)? = password {
      let login = await logIn(account, password: password, access: settings.access)
      client = try? login.get()
      tell([LoginReport(account: account.jid, error: login.failure).finding])
    } else {
      tell([.skipped(.login, settings.account == nil ? Self.wrongSettings : "there is no password")])
    }
    if let client {
      tell(await serverFindings(client, settings))
    } else {
      tell([.skipped(.server, Self.noLogin), .skipped(.contacts, Self.noLogin)])
    }
    if let connectivity = settings.connectivity, client != nil || !connectivity.turnServers.isEmpty {
      tell(await pathFindings(client, connectivity, caFile: settings.account?.caFile))
    } else {
      tell([.skipped(.path, settings.connectivity == nil ? Self.wrongSettings : Self.noLogin)])
    }
    tell([await ClockReading.gather(client).finding])
    await client?.close()
    return DoctorConclusion(all)
  }

  private static let wrongSettings = "the settings have to be put right first"
  private static let noLogin = "no login"

  // MARK: Settings

  private func settingsReport() -> SettingsReport {
    guard let file else { return SettingsReport(settings, file: nil) }
    do throws(SettingError) {
      return SettingsReport(settings.over(try ConfigurationFile.read(file)), file: file)
    } catch {
      return SettingsReport(unusable: file, error)
    }
  }

  private static func password(of account: Account) -> Result<String, SettingError> {
    do throws(SettingError) {
      return .success(try Password.read(file: account.passwordFile))
    } catch {
      return .failure(error)
    }
  }

  private static func report(on password: Result<String, SettingError>, of settings: SettingsReport) -> [DoctorFinding]
  {
    // What systemd lends to a service alone is safe, whatever its bits say.
    let lent = Password.systemdCredential
    let files = settings.secretFiles.filter { $0 != lent }
    return PasswordReport(
      file: settings.account?.passwordFile, error: password.failure, isPadded: isPadded(try? password.get()),
      secretFiles: files.compactMap(SecretFile.look)
    ).findings
  }

  private static func isPadded(_ password: String?) -> Bool {
    password?.first?.isWhitespace == true || password?.last?.isWhitespace == true
  }

  // MARK: The server

  private func logIn(
    _ account: Account, password: String, access: AccessList?
  ) async -> Result<XMPPClient, XMPPClientError> {
    var configuration = XMPPClient.Configuration(account, password: password)
    configuration.isResumable = true
    configuration.session.mayDiscover = { access?.role(of: $0) != nil }
    do throws(XMPPClientError) {
      return .success(try await LoginAttempt(configuration, on: eventLoop, logger: logger).run())
    } catch {
      return .failure(error)
    }
  }

  private func serverFindings(_ client: XMPPClient, _ report: SettingsReport) async -> [DoctorFinding] {
    // The server answers in order: after this one the roster, asked for before, is here.
    let services = await client.externalServices()
    let server = ServerReport(
      domain: client.jid.domain, isResumable: await client.isResumable(), services: services.count,
      namedRelays: report.connectivity?.turnServers.count ?? 0, takesFiles: await client.uploadService() != nil)
    var access = report.access ?? AccessList()
    for directory in StateDirectory.all {
      // The files of a service are readable by root alone.
      guard let people = try? PeopleFile(of: client.jid, in: directory).read() else { continue }
      access = access.extended(by: people)
    }
    let contacts = ContactsReport(account: client.jid.bare, access: access, roster: await client.roster())
    return server.findings + contacts.findings
  }

  private func pathFindings(
    _ client: XMPPClient?, _ connectivity: ConnectivityConfiguration, caFile: String?
  ) async -> [DoctorFinding] {
    let round = CheckRound(
      configuration: .init(
        account: nil, peer: nil, stunServers: [], turnServers: connectivity.turnServers,
        icePolicy: connectivity.icePolicy, relaxedTURN: connectivity.relaxedTURN, caFile: caFile, interval: nil),
      // Its steps are for who asks for them, by `check`.
      password: nil, reporter: Silence(), logger: logger, eventLoop: eventLoop,
      client: client)
    guard let findings = try? await round.findings() else { return [] }
    return PathReport(findings: findings).doctorFindings
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}

/// Tells nobody the steps of the check within a doctor's visit, of which only the findings count.
private struct Silence: CheckReporter {
  func report(_ event: some CheckEvent) {}
  func report(_ verdict: CheckVerdict, time: TimeAmount) {}
  func report(_ error: StreamError) {}
}
