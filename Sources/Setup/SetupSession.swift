import Account
import Capture
import Diagnosis
import Logging
import NIOCore
import NIOPosix
import Network
import Settings
import XMPP

/// `jinglecam setup`: asks, creates the account or logs in, writes the files, tests them as `doctor` does, starts the
/// service, and shows how to call it.
///
/// Until the account is there and the files are written, nothing has changed.
package struct SetupSession: Sendable {
  private let request: SetupRequest
  let files: SetupFiles
  private let defaultName: String
  let output: any SetupOutput
  private let logger: Logger
  private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

  package init(
    _ request: SetupRequest, paths: SetupPaths, defaultName: String, output: any SetupOutput, logger: Logger
  ) {
    self.request = request
    self.defaultName = defaultName
    self.output = output
    self.logger = logger
    files = SetupFiles(paths)
  }

  /// - Returns: what the doctor has found, and the service if it was started.
  package func run() async throws(SetupError) -> (conclusion: DoctorConclusion, service: StartedService?) {
    let former = try check()
    let (plan, client) = try await converse(over: former)
    try await write(plan, client)
    await client?.close()
    let conclusion = await diagnose()
    guard !Task.isCancelled else {
      output.show(["The settings are written, and the service is as it was."])
      throw .cancelled
    }
    var service: StartedService?
    if conclusion.canServe {
      service = try await startService(of: plan.account.jid.bare)
    } else if let unit = files.paths.unit {
      output.show(["The service is not started: correct the problem, then run sudo systemctl enable --now \(unit)"])
    }
    showContact(plan, former, await service?.firstStatus())
    return (conclusion, service)
  }

  private func check() throws(SetupError) -> FormerSettings {
    do throws(SettingError) {
      if let server = request.server { _ = try ConnectionTarget(setting: server) }
      if let file = request.caFile { try AuthorityFile.check(file) }
      try files.check()
      return try files.former()
    } catch {
      throw .setting(error)
    }
  }

  // MARK: The dialogue

  /// - Returns: the plan, and the client that has logged in; nil if it could not, to an account that was created.
  private func converse(over former: FormerSettings) async throws(SetupError) -> (SetupPlan, XMPPClient?) {
    var generator = SystemRandomNumberGenerator()
    var dialogue = SetupDialogue(request, over: former, defaultName: defaultName, generator: &generator)
    var client: XMPPClient?
    var created: AccountPlan?
    var action = dialogue.start()
    while true {
      guard !Task.isCancelled else {
        if await leave(client, created) { output.show(["Nothing was changed."]) }
        throw .cancelled
      }
      switch action {
      case .findCameras:
        let cameras = try? await NIOThreadPool.singleton.runIfActive { CameraInventory.all() }
        action = dialogue.found(cameras ?? [])
      case .ask(let question):
        guard let answer = await output.ask(question) else { throw Self.unanswered }
        action = dialogue.answer(answer)
      case .show(let source): action = dialogue.shown(await show(source))
      case .enter(let plan):
        do throws(SettingError) {
          try files.check(plan)
        } catch {
          throw .setting(error)
        }
        switch await enter(plan.account) {
        case .success(let entered):
          client = entered
          created = plan.account.registration == nil ? nil : plan.account
          action = dialogue.entered(nil)
        case .failure(let error):
          if error.hasRegistered { created = plan.account }
          action = dialogue.entered(error)
        }
      case .done(let plan): return (plan, client)
      case .fail(let error): throw error
      }
    }
  }

  static let unanswered = SetupError.setting(
    SettingError(
      "setup asks its questions on a terminal", cure: "run it on one, or give the answers as options with --yes", .usage
    ))

  private func show(_ source: String) async -> CaptureError? {
    let style = output.style
    let glance = await SourceGlance.take(of: source, columns: style?.columns ?? 80)
    switch glance {
    case .failure(let error): return error
    case .success(let picture):
      if let style, let picture { output.show(picture.lines(style.colours)) }
      // An address may have a password in it.
      var step = SetupStep(.camera, "\(NetworkAddress.shown(source)) can be shown")
      step.source = NetworkAddress.shown(source)
      output.report(step)
      return nil
    }
  }

  // MARK: The account

  private func enter(_ plan: AccountPlan) async -> Result<XMPPClient, XMPPClientError> {
    // It was checked before the first question.
    let server = plan.server.flatMap { try? ConnectionTarget(setting: $0) }
    let account = Account(jid: plan.jid, passwordFile: nil, server: server, caFile: plan.caFile)
    var configuration = XMPPClient.Configuration(account, password: plan.password)
    configuration.registration = plan.registration
    // Nobody learns of this login.
    configuration.session.mayDiscover = { _ in false }
    let result: Result<XMPPClient, XMPPClientError>
    if plan.registration == nil {
      result = await Result { () async throws(XMPPClientError) in
        try await LoginAttempt(configuration, on: eventLoop, logger: logger).run()
      }
    } else {
      // Once it has begun it is not broken off: nobody would know whether the account is there. It has a limit itself.
      configuration.jid = configuration.jid.bare
      let creation = Task { [configuration] in await create(configuration) }
      result = await withTaskCancellationHandler {
        await creation.value
      } onCancel: {
        output.show(["Waiting for the answer of the server, to undo it."])
      }
    }
    switch result {
    case .success: report(plan, plan.registration == nil ? "can log in" : "was created")
    case .failure(let error) where error.hasRegistered: report(plan, "was created, and cannot log in yet: \(error)")
    case .failure(let error) where error.isRegistrationUnanswered: keep(plan, "may have been created")
    case .failure: break
    }
    return result
  }

  private func create(_ configuration: XMPPClient.Configuration) async -> Result<XMPPClient, XMPPClientError> {
    let result = await Result { () async throws(XMPPClientError) in
      try await XMPPClient.connect(configuration, on: eventLoop, logger: logger)
    }
    guard case .failure(let error) = result, error.isRegistrationUnanswered else { return result }
    // If the account is there, its password is this.
    var login = configuration
    login.registration = nil
    let attempt = LoginAttempt(login, on: eventLoop, logger: logger)
    let client = await Result { () async throws(XMPPClientError) in try await attempt.run() }
    if case .success = client { return client }
    return result
  }

  private func report(_ account: AccountPlan, _ text: String, passwordFile: String? = nil) {
    var step = SetupStep(.account, "\(account.jid.bare) \(text)")
    step.jid = account.jid.bare.description
    step.isCreated = account.registration != nil
    step.passwordFile = passwordFile
    output.report(step)
  }

  /// Leaves nothing behind: an account that was created is removed, or else its password is kept.
  ///
  /// - Parameter created: the account that was created; nil: none was.
  /// - Returns: whether all is as it was.
  private func leave(_ client: XMPPClient?, _ created: AccountPlan?) async -> Bool {
    let isRemoved = created != nil ? (try? await client?.request(AccountRegistration.removal)) != nil : true
    await client?.close()
    if let created {
      if isRemoved {
        output.show(["\(created.jid.bare) was removed again."])
      } else {
        keep(created, "was created, and could not be removed")
      }
    }
    return isRemoved
  }

  private func keep(_ account: AccountPlan, _ text: String) {
    do throws(SettingError) {
      let file = try files.keep(account)
      report(account, "\(text); its password is in \(file)", passwordFile: file)
    } catch {
      // Nobody could ever log in to the account otherwise.
      output.show(["\(account.jid.bare) \(text); its password is \(account.password) (\(error))"])
    }
  }

  // MARK: Files and service

  private func write(_ plan: SetupPlan, _ client: XMPPClient?) async throws(SetupError) {
    do throws(SettingError) {
      try files.write(plan)
    } catch {
      _ = await leave(client, plan.account.registration == nil ? nil : plan.account)
      throw .setting(error)
    }
    let paths = files.paths
    var step = SetupStep(.settings, "wrote \(paths.settings) and \(paths.password)")
    step.file = paths.settings
    step.passwordFile = paths.password
    output.report(step)
    if let warning = files.warning(after: plan) { output.show([warning]) }
  }

  private func diagnose() async -> DoctorConclusion {
    var settings = ServeSettings()
    settings.values[.passwordFile] = Setting(files.paths.password)
    return await DoctorSession(settings, file: files.paths.settings, logger: logger, report: output.report).run()
  }

  /// - Returns: nil if there is none to be started.
  private func startService(of camera: JID) async throws(SetupError) -> StartedService? {
    // The settings of a unit name no password file.
    let password = files.paths.unit == nil ? "" : " --password-file \(files.paths.password)"
    let start = "start it with jinglecam serve --config \(files.paths.settings)\(password)"
    var step = SetupStep(.service, "no service is started: \(start)")
    var service: StartedService?
    if let name = files.paths.unit, let directory = files.paths.runtimeDirectory {
      let unit = ServiceUnit(name)
      step.unit = name
      if !ServiceUnit.isSystemdRunning {
        step.text = "systemd does not run here: \(start)"
        step.unit = nil
      } else if await !unit.exists() {
        step.text = "there is no \(name): install the package, or \(start)"
        step.unit = nil
      } else {
        try await unit.start()
        step.text = "\(name) runs, now and after each start of this computer"
        service = StartedService(unit: name, directory: directory, camera: camera)
      }
    }
    output.report(step)
    return service
  }
}

extension Result where Success: Sendable {
  fileprivate init(_ body: () async throws(Failure) -> Success) async {
    do throws(Failure) {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}
