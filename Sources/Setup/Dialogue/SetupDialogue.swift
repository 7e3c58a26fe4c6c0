import Account
import Capture
import Settings
import XMPP

/// The questions of `jinglecam setup`, their order, and what is made of the answers. What has to be looked at or tried
/// is an action for the driver, which tells what came of it.
package struct SetupDialogue: Sendable {
  package enum Action: Equatable, Sendable {
    /// Continue with ``answer(_:)``.
    case ask(SetupQuestion)
    /// Continue with ``found(_:)``.
    case findCameras
    /// Continue with ``shown(_:)``.
    case show(source: String)
    /// Log in, and create the account first if it is to be, provided that the plan can be carried out. Continue with
    /// ``entered(_:)``.
    case enter(SetupPlan)
    case done(SetupPlan)
    case fail(SetupError)
  }

  /// Where the account comes from.
  enum Way: Equatable {
    case existing, creation
    case invitation(Invitation?)
  }

  /// What has been answered so far; the first of these that is nil is asked for next.
  struct Answers {
    var source: String?
    var isSourceShown = false
    var isSourceConfirmed = false
    var way: Way?
    var jid: JID?
    var password: String?
    var permissions: [ServeSettings.Permission]?
    /// Whether those are the former ones.
    var keepsPermissions = false
    var name: String?
  }

  let request: SetupRequest
  let former: FormerSettings
  let defaultName: String
  /// A password for an account that is created.
  let madePassword: String
  var answers = Answers()
  var cameras: [CameraChoice] = []
  private var areCamerasKnown = false
  /// The options that have not been used yet.
  private var presets: [SetupQuestion.Topic: String] = [:]
  private var pending: SetupQuestion?

  /// - Parameter defaultName: what the camera is called in a contact list if nobody says otherwise.
  package init(
    _ request: SetupRequest, over former: FormerSettings, defaultName: String,
    generator: inout some RandomNumberGenerator
  ) {
    self.request = request
    self.former = former
    self.defaultName = defaultName
    madePassword = AccountRegistration.makePassword(using: &generator)
    presets[.source] = request.source
    presets[.address] = request.jid
    presets[.invitation] = request.invitation
    presets[.accountName] = request.jid
    presets[.password] = request.password
    presets[.viewers] = request.allow?.joined(separator: " ")
    presets[.name] = request.name
    if request.invitation != nil {
      answers.way = .invitation(nil)
    } else if request.creates {
      answers.way = .creation
    } else if request.jid != nil {
      answers.way = .existing
    }
  }

  // MARK: Input of the driver

  package mutating func start() -> Action {
    // Whoever is asked is told at the question.
    if request.isUnattended, let error = wrongOption { return .fail(.setting(error)) }
    return next()
  }

  package mutating func found(_ cameras: [CameraDescription]) -> Action {
    self.cameras = cameras.compactMap(CameraChoice.init)
    areCamerasKnown = true
    return next()
  }

  package mutating func shown(_ error: CaptureError?) -> Action {
    guard let error else {
      answers.isSourceShown = true
      return next()
    }
    guard !request.isUnattended else { return .fail(.source(error)) }
    answers.source = nil
    return ask(.source, remark: error.description)
  }

  package mutating func answer(_ text: String) -> Action {
    guard let question = pending else { return next() }
    pending = nil
    let text = question.isSecret ? text : text.trimmed
    let answer = text.isEmpty ? question.standard : text
    guard let answer else { return ask(question.topic, remark: "an answer is needed here") }
    return take(answer, of: question.topic)
  }

  package mutating func entered(_ error: XMPPClientError?) -> Action {
    // An account that was created, and to which nobody could log in afterwards, is there all the same.
    guard let error, !error.hasRegistered else { return finish() }
    // Nor is it created again if nobody knows whether it is there.
    guard !request.isUnattended, error.kind != .cancelled, !error.isRegistrationUnanswered else {
      return .fail(.account(error))
    }
    let remark = error.description
    (answers.jid, answers.password) = (nil, nil)
    switch (answers.way, error.kind) {
    case (.invitation(let invitation?)?, _) where error.isNameTaken && invitation.account == nil:
      return ask(.accountName, remark: remark)
    case (.existing?, .credentials),
      (.creation?, _) where error.isNameTaken || error.kind == .credentials:
      return ask(.address, remark: remark)
    default:
      answers.way = nil
      return ask(.way, remark: remark)
    }
  }

  // MARK: Order

  mutating func next() -> Action {
    if !areCamerasKnown { return .findCameras }
    guard let source = answers.source else { return ask(.source) }
    if !answers.isSourceShown { return .show(source: source) }
    if !answers.isSourceConfirmed { return ask(.confirmation) }
    guard let way = answers.way else { return ask(.way) }
    if way == .invitation(nil) { return ask(.invitation) }
    guard answers.jid != nil else {
      if case .invitation = way { return ask(.accountName) }
      return ask(.address)
    }
    guard answers.password != nil else { return ask(.password) }
    guard answers.permissions != nil else { return ask(.viewers) }
    guard answers.name != nil else { return ask(.name) }
    guard let plan else { return ask(.way) }
    return .enter(plan)
  }

  /// - Parameter remark: why the answer before was not taken.
  mutating func ask(_ topic: SetupQuestion.Topic, remark: String? = nil) -> Action {
    if remark == nil, let preset = presets.removeValue(forKey: topic) { return take(preset, of: topic, isPreset: true) }
    if remark == nil, let answer = impliedAnswer(to: topic) { return take(answer, of: topic) }
    var question = question(topic)
    question.remark = remark
    guard request.isUnattended else {
      pending = question
      return .ask(question)
    }
    guard let standard = question.standard else { return .fail(missing(topic)) }
    return take(standard, of: topic)
  }

  private mutating func take(_ text: String, of topic: SetupQuestion.Topic, isPreset: Bool = false) -> Action {
    do throws(SettingError) {
      try accept(text, of: topic)
      return next()
    } catch {
      let error = isPreset ? Self.option(of: topic).map { error.of(.option($0)) } ?? error : error
      return request.isUnattended ? .fail(.setting(error)) : ask(topic, remark: error.description)
    }
  }

  /// Whether the account is that of the settings so far, however it is written there.
  var isFormerAccount: Bool {
    guard let jid = answers.jid, let text = former.jid else { return false }
    return (try? AccountAddress.parse(text))?.bare == jid.bare
  }

  private var accountPlan: AccountPlan? {
    guard let jid = answers.jid, let password = answers.password else { return nil }
    var plan = AccountPlan(jid: jid, password: password)
    plan.server = request.server ?? (isFormerAccount ? former.server : nil)
    plan.caFile = request.caFile ?? (isFormerAccount ? former.caFile : nil)
    switch answers.way {
    case .creation: plan.registration = .init(token: nil)
    case .invitation(let invitation?): plan.registration = .init(token: invitation.token)
    default: break
    }
    return plan
  }

  /// nil: not everything has been answered.
  private var plan: SetupPlan? {
    guard let source = answers.source, let account = accountPlan, let name = answers.name else { return nil }
    return SetupPlan(
      source: source, account: account, allow: answers.keepsPermissions ? nil : answers.permissions, name: name)
  }

  private func finish() -> Action {
    guard let plan else { preconditionFailure("nobody logs in before all has been answered") }
    return .done(plan)
  }

  // MARK: Options

  private func missing(_ topic: SetupQuestion.Topic) -> SetupError {
    if topic == .source { return .source(.noCamera) }
    let cure: String =
      switch topic {
      case .way: "name the account with --jid; --register creates it, and so does an --invitation"
      case .password: "name a file with --password-file, or set JINGLECAM_PASSWORD"
      default: "give it, or run setup without --yes on a terminal"
      }
    return .setting(SettingError(of: .option(Self.option(of: topic) ?? "jid"), "is missing", cure: cure, .usage))
  }

  /// What can be said to be wrong with the options before there is a camera; nil if nothing is.
  private var wrongOption: SettingError? {
    var trial = self
    let account: [SetupQuestion.Topic] = request.invitation == nil ? [.address] : [.invitation, .accountName]
    for topic in account + [.password, .viewers, .name] {
      guard let preset = presets[topic] else { continue }
      do throws(SettingError) {
        try trial.accept(preset, of: topic)
      } catch {
        return Self.option(of: topic).map { error.of(.option($0)) } ?? error
      }
    }
    return nil
  }

  private static func option(of topic: SetupQuestion.Topic) -> String? {
    switch topic {
    case .source: "source"
    case .way, .address, .accountName: "jid"
    case .invitation: "invitation"
    case .password: "password-file"
    case .viewers: "allow"
    case .name: "name"
    case .confirmation: nil
    }
  }
}

extension String {
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
