import Settings
import Testing
import XMPP

@testable import Account
@testable import Capture
@testable import Setup

@Suite("The dialogue of setup")
struct SetupDialogueTests {
  typealias Action = SetupDialogue.Action
  typealias Topic = SetupQuestion.Topic

  static func camera(_ number: Int, problem: String? = nil) throws -> CameraDescription {
    var camera = CameraDescription(
      path: "/dev/video\(number)", stablePath: "/dev/v4l/by-id/usb-Acme_\(number)", problem: problem)
    camera.card = "Acme \(number)"
    return camera
  }

  /// A dialogue with a person, who answers what the test says.
  struct Conversation {
    var dialogue: SetupDialogue
    var action: Action
    /// The topics in the order of the questions.
    var asked: [Topic] = []

    /// - Parameter cameras: how many there are.
    init(_ request: SetupRequest = SetupRequest(), over former: FormerSettings = FormerSettings(), cameras: Int = 1)
      throws
    {
      var generator = SystemRandomNumberGenerator()
      dialogue = SetupDialogue(request, over: former, defaultName: "Camera", generator: &generator)
      action = dialogue.start()
      #expect(action == .findCameras)
      action = dialogue.found(try (0..<cameras).map { try camera($0) })
      look()
    }

    /// What is shown is there.
    private mutating func look() {
      if case .show = action { action = dialogue.shown(nil) }
    }

    var question: SetupQuestion? { if case .ask(let question) = action { question } else { nil } }

    mutating func answer(_ topic: Topic, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(question?.topic == topic, "\(action)", sourceLocation: sourceLocation)
      asked.append(topic)
      action = dialogue.answer(text)
      look()
    }

    var account: AccountPlan? { if case .enter(let plan) = action { plan.account } else { nil } }
    var plan: SetupPlan? { if case .done(let plan) = action { plan } else { nil } }
    var failure: SetupError? { if case .fail(let error) = action { error } else { nil } }

    mutating func enter(_ error: XMPPClientError? = nil) { action = dialogue.entered(error) }
  }

  static func error(_ error: ClientStreamError, _ account: String = "cam@home.example") throws -> XMPPClientError {
    .stream(error, jid: try JID(account))
  }

  // MARK: The three ways to an account

  @Test("with one camera and an account that exists, five answers do")
  func existing() throws {
    var conversation = try Conversation()
    conversation.answer(.way, "1")
    conversation.answer(.address, " cam@home.example ")
    #expect(conversation.question?.isSecret == true)
    conversation.answer(.password, " s3cret ")
    conversation.answer(.viewers, "ann@home.example, bob@home.example home.example")
    conversation.answer(.name, "Front door")
    let account = try #require(conversation.account)
    #expect(
      account.jid.description == "cam@home.example" && account.password == " s3cret " && account.registration == nil)
    conversation.enter()
    let plan = try #require(conversation.plan)
    #expect(plan.source == "camera" && plan.name == "Front door")
    #expect(plan.allow?.map(\.jid.text) == ["ann@home.example", "bob@home.example", "home.example"])
    #expect(plan.allow?.map(\.role?.text) == ["admin", nil, nil])
  }

  @Test("a new account has a password that nobody is asked for")
  func creation() throws {
    var conversation = try Conversation()
    conversation.answer(.way, "2")
    conversation.answer(.address, "door@home.example/desk")
    conversation.answer(.viewers, "")
    conversation.answer(.name, "")
    let account = try #require(conversation.account)
    #expect(account.registration == .init(token: nil) && account.password.count == 24)
    #expect(account.jid.description == "door@home.example")
    conversation.enter()
    #expect(conversation.plan?.allow == [] && conversation.plan?.name == "Camera")
  }

  @Test("an invitation says the server and the token, who has sent it may watch, and its account is not asked for")
  func invitation() throws {
    var conversation = try Conversation()
    conversation.answer(.way, "3")
    conversation.answer(.invitation, "xmpp:ann@home.example?roster;preauth=T;ibr=y")
    #expect(conversation.question?.standard == "camera")
    conversation.answer(.accountName, "")
    #expect(conversation.question?.standard == "ann@home.example")
    conversation.answer(.viewers, "")
    conversation.answer(.name, "")
    #expect(conversation.account?.jid.description == "camera@home.example")
    #expect(conversation.account?.registration == .init(token: "T"))
    conversation.enter()
    #expect(conversation.plan?.allow?.first?.role?.text == "admin")

    var named = try Conversation()
    named.answer(.way, "xmpp:door@home.example?register;preauth=T")
    named.answer(.viewers, "")
    named.answer(.name, "")
    #expect(named.account?.jid.description == "door@home.example")
  }

  // MARK: Wrong answers

  @Test(
    "a wrong answer is asked again, with a line that says why",
    arguments: [
      (Topic.way, ["4", "", "yes"]), (.address, ["cam", "@home.example", "cam:secret@home.example", ""]),
      (.password, [""]), (.viewers, ["*@home.example", "ann@home.example/phone", "ann", "cam@home.example"]),
      (.name, [String(repeating: "x", count: 65), "a\u{1b}[2J"]),
    ])
  func wrong(topic: Topic, answers: [String]) throws {
    var conversation = try Conversation()
    let right: [Topic: String] = [
      .way: "1", .address: "cam@home.example", .password: "p", .viewers: "ann@home.example", .name: "Door",
    ]
    while let question = conversation.question, question.topic != topic {
      conversation.answer(question.topic, right[question.topic] ?? "")
    }
    for answer in answers {
      conversation.answer(topic, answer)
      let question = try #require(conversation.question)
      #expect(question.topic == topic && question.remark?.isEmpty == false && question.remark?.contains("\n") == false)
      #expect(question.remark?.contains("secret") == false)
    }
    conversation.answer(topic, right[topic] ?? "")
    #expect(conversation.question?.topic != topic)
    #expect(conversation.question?.remark == nil)
  }

  @Test(
    "a link that is no invitation is asked for again, and a web page is explained",
    arguments: ["https://home.example/invite?T", "xmpp:home.example", "xmpp:ann@home.example?roster;preauth=T", "x"])
  func links(link: String) throws {
    var conversation = try Conversation()
    conversation.answer(.way, "3")
    conversation.answer(.invitation, link)
    #expect(conversation.question?.topic == .invitation && conversation.question?.remark != nil)
    if link.hasPrefix("https") { #expect(conversation.question?.remark?.contains("begins with xmpp:") == true) }
  }

  @Test("a name that is taken is asked for again, and the other answers stay")
  func taken() throws {
    var conversation = try Conversation()
    for (topic, text) in [(Topic.way, "2"), (.address, "cam@home.example"), (.viewers, ""), (.name, "")] {
      conversation.answer(topic, text)
    }
    conversation.enter(try Self.error(.registrationRefused(StanzaError(.cancel, .conflict))))
    #expect(conversation.question?.remark == "cam@home.example is taken: choose another name")
    conversation.answer(.address, "cam2@home.example")
    #expect(conversation.account?.jid.description == "cam2@home.example")

    var invited = try Conversation()
    for (topic, text) in [
      (Topic.way, "xmpp:home.example?register;preauth=T"), (.accountName, "cam"), (.viewers, ""), (.name, ""),
    ] {
      invited.answer(topic, text)
    }
    invited.enter(try Self.error(.registrationRefused(StanzaError(.cancel, .conflict))))
    invited.answer(.accountName, "cam2")
    #expect(invited.account?.registration == .init(token: "T"))
  }

  @Test("a refused password leads back to the account, and a server that is not there to the choice of one")
  func refused() throws {
    var conversation = try Conversation()
    for (topic, text) in [
      (Topic.way, "1"), (.address, "cam@home.example"), (.password, "x"), (.viewers, ""), (.name, ""),
    ] {
      conversation.answer(topic, text)
    }
    conversation.enter(try Self.error(.authenticationFailed(condition: "not-authorized", text: nil)))
    #expect(conversation.question?.remark?.contains("refuses the password") == true)
    conversation.answer(.address, "cam@home.example")
    conversation.answer(.password, "y")
    #expect(conversation.account?.password == "y")
    conversation.enter(try Self.error(.closedByServer))
    #expect(conversation.question?.topic == .way)
    conversation.answer(.way, "2")
    conversation.answer(.address, "cam@other.example")
    #expect(conversation.account?.registration != nil)
    conversation.enter(try Self.error(.registrationObstructed(.captcha(page: nil))))
    #expect(conversation.question?.topic == .way && conversation.question?.remark?.contains("CAPTCHA") == true)
  }

  @Test("an account that was created is kept, even if the login after it failed")
  func createdOnly() throws {
    var conversation = try Conversation()
    for (topic, text) in [(Topic.way, "2"), (.address, "cam@home.example"), (.viewers, ""), (.name, "")] {
      conversation.answer(topic, text)
    }
    var error = try Self.error(.closedByServer)
    error.hasRegistered = true
    conversation.enter(error)
    #expect(conversation.plan?.account.password.count == 24)
  }

  @Test("an account that may have been created is not created again")
  func unanswered() throws {
    var conversation = try Conversation()
    for (topic, text) in [(Topic.way, "2"), (.address, "cam@home.example"), (.viewers, ""), (.name, "")] {
      conversation.answer(topic, text)
    }
    var error = try Self.error(.closedByServer)
    error.isRegistrationUnanswered = true
    conversation.enter(error)
    #expect(conversation.failure == .account(error))
  }

  // MARK: Cameras

  @Test("of several cameras one is chosen by its number, looked at and confirmed")
  func cameras() throws {
    var conversation = try Conversation(cameras: 3)
    #expect(conversation.question?.choices.count == 3 && conversation.question?.standard == "1")
    conversation.answer(.source, "4")
    #expect(conversation.question?.remark?.contains("choose 1 to 3") == true)
    conversation.answer(.source, "-9223372036854775808")
    #expect(conversation.question?.remark?.contains("choose 1 to 3") == true)
    conversation.answer(.source, "2")
    conversation.answer(.confirmation, "maybe")
    #expect(conversation.question?.remark == "answer yes or no")
    conversation.answer(.confirmation, "no")
    conversation.answer(.source, "3")
    conversation.answer(.confirmation, "")
    #expect(conversation.dialogue.answers.source == "/dev/v4l/by-id/usb-Acme_2")
    #expect(conversation.question?.topic == .way)
  }

  @Test("without a camera something else can be shown; a camera that fails is asked for again")
  func noCamera() throws {
    var conversation = try Conversation(cameras: 0)
    #expect(
      conversation.question?.line.contains("There is no camera") == true && conversation.question?.standard == nil)
    conversation.answer(.source, "")
    #expect(conversation.question?.topic == .source)
    #expect(conversation.dialogue.answer("/dev/video9") == .show(source: "/dev/video9"))
    conversation.action = conversation.dialogue.shown(.noSuchCamera(path: "/dev/video9"))
    #expect(conversation.question?.remark?.contains("/dev/video9") == true)
    conversation.answer(.source, "pattern")
    #expect(conversation.question?.topic == .way)
  }

  @Test("one of several cameras is called by its own name")
  func oneOfSeveral() throws {
    var request = SetupRequest()
    request.isOneOfSeveral = true
    #expect(try Conversation(request).dialogue.answers.source == "/dev/v4l/by-id/usb-Acme_0")
    #expect(try Conversation().dialogue.answers.source == "camera")
  }

  @Test("nodes that give no pictures are no choice")
  func unusable() throws {
    var generator = SystemRandomNumberGenerator()
    var dialogue = SetupDialogue(SetupRequest(), over: FormerSettings(), defaultName: "Camera", generator: &generator)
    _ = dialogue.start()
    #expect(dialogue.found([try Self.camera(0, problem: "raw"), try Self.camera(1)]) == .show(source: "camera"))
  }

  // MARK: Options

  private func request(_ change: (inout SetupRequest) -> Void = { _ in }) -> SetupRequest {
    var request = SetupRequest()
    request.isUnattended = true
    change(&request)
    return request
  }

  @Test("options answer everything, and nothing is asked")
  func unattended() throws {
    var conversation = try Conversation(
      request {
        $0.jid = "cam@home.example"
        $0.password = "p"
        $0.allow = ["ann@home.example", "bob@home.example"]
        $0.server = "localhost:1"
        $0.name = "Door"
      }, cameras: 2)
    #expect(conversation.account?.server == "localhost:1")
    conversation.enter()
    #expect(conversation.plan?.name == "Door" && conversation.plan?.source == "/dev/v4l/by-id/usb-Acme_0")
    let created = try Conversation(
      request {
        $0.jid = "cam@home.example"
        $0.creates = true
      })
    #expect(created.account?.registration == .init(token: nil))
    let invited = try Conversation(request { $0.invitation = "xmpp:home.example?register;preauth=T" })
    #expect(invited.account?.jid.description == "camera@home.example")
    let named = try Conversation(
      request {
        $0.invitation = "xmpp:home.example?register;preauth=T"
        $0.jid = "door@home.example"
      })
    #expect(named.account?.jid.description == "door@home.example")
  }

  @Test("without a question nobody becomes an admin for having sent the link")
  func unattendedInviter() throws {
    var conversation = try Conversation(request { $0.invitation = "xmpp:ann@home.example?roster;preauth=T;ibr=y" })
    #expect(conversation.account != nil)
    conversation.enter()
    #expect(conversation.plan?.allow == [])
  }

  @Test("an answer that is missing or wrong is one line, with its option")
  func missing() throws {
    let withoutCamera = try Conversation(request(), cameras: 0)
    #expect(withoutCamera.failure == .source(.noCamera))
    #expect(try Conversation(request()).failure?.description.hasPrefix("--jid is missing") == true)
    let noPassword = try Conversation(request { $0.jid = "cam@home.example" })
    #expect(noPassword.failure?.description.hasPrefix("--password-file is missing") == true)
    for (change, text) in [
      ({ $0.jid = "cam" }, "--jid"), ({ $0.invitation = "https://x.example/T" }, "--invitation"),
      (
        {
          $0.jid = "cam@home.example"
          $0.password = "p"
          $0.allow = ["*"]
        }, "--allow"
      ),
      (
        {
          $0.invitation = "xmpp:home.example?register;preauth=T"
          $0.jid = "door@other.example"
        }, "--jid"
      ),
    ] as [((inout SetupRequest) -> Void, String)] {
      #expect(try Conversation(request(change)).failure?.description.hasPrefix(text) == true)
    }
  }

  @Test("whatever goes wrong with the account ends an unattended setup")
  func unattendedFailure() throws {
    var conversation = try Conversation(
      request {
        $0.jid = "cam@home.example"
        $0.creates = true
      })
    let error = try Self.error(.registrationRefused(StanzaError(.cancel, .conflict)))
    conversation.enter(error)
    #expect(conversation.failure == .account(error))
  }

  @Test("without --yes a wrong option is asked for")
  func wrongOption() throws {
    var request = SetupRequest()
    request.jid = "cam"
    let conversation = try Conversation(request)
    #expect(conversation.question?.topic == .address && conversation.question?.remark?.hasPrefix("--jid") == true)
  }

  // MARK: Again

  @Test("what is there is the default, and only what is answered otherwise changes")
  func again() throws {
    var former = FormerSettings()
    former.jid = "cam@home.example"
    former.password = "p"
    former.source = "pattern"
    former.server = "localhost:1"
    former.allow = [
      .init(jid: Setting("ann@home.example"), role: Setting("admin")), .init(jid: Setting("b@home.example")),
    ]
    var conversation = try Conversation(over: former)
    for topic in [Topic.source, .way, .address, .password, .viewers, .name] { conversation.answer(topic, "") }
    #expect(conversation.account?.server == "localhost:1" && conversation.account?.password == "p")
    conversation.enter()
    #expect(conversation.plan?.source == "pattern" && conversation.plan?.allow == nil)

    var other = try Conversation(over: former)
    for (topic, text) in [
      (Topic.source, ""), (.way, ""), (.address, "new@other.example"), (.password, ""),
    ] {
      other.answer(topic, text)
    }
    #expect(other.question?.topic == .password, "another account has another password")
    other.answer(.password, "q")
    other.answer(.viewers, "")
    other.answer(.name, "")
    #expect(other.account?.server == nil)

    former.source = "rtsp://ann:secret@cam.example/1"
    let network = try Conversation(over: former)
    #expect(network.question?.line.contains("rtsp://") == true && network.question?.line.contains("secret") == false)

    former.source = "pattern"
    let unattended = try Conversation(request(), over: former)
    #expect(unattended.account?.jid.description == "cam@home.example" && unattended.account?.password == "p")
  }

  @Test("an account keeps its password and server, however its address was written")
  func spelling() throws {
    for (written, jid) in [
      ("Cam@Home.Example", "cam@home.example"), ("cam@xn--bcher-kva.example", "cam@b\u{FC}cher.example"),
      ("cam@home.example/desk", "cam@home.example"),
    ] {
      var former = FormerSettings()
      (former.jid, former.password, former.server) = (written, "p", "localhost:1")
      for jid in [nil, jid] {
        let conversation = try Conversation(request { $0.jid = jid }, over: former)
        #expect(conversation.account?.password == "p" && conversation.account?.server == "localhost:1")
      }
    }
  }
}
