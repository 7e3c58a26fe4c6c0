import Settings
import Testing
import XMPP

@testable import Account
@testable import Capture
@testable import Setup

@Suite("The dialogue of setup")
struct SetupDialogueTests {
  typealias Topic = SetupQuestion.Topic

  // MARK: The three ways to an account

  @Test("with one camera and an account that exists, five answers do")
  func existing() throws {
    var conversation = Conversation()
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
    var conversation = Conversation()
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
    var conversation = Conversation()
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

    var named = Conversation()
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
    var conversation = Conversation()
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
    var conversation = Conversation()
    conversation.answer(.way, "3")
    conversation.answer(.invitation, link)
    #expect(conversation.question?.topic == .invitation && conversation.question?.remark != nil)
    if link.hasPrefix("https") { #expect(conversation.question?.remark?.contains("begins with xmpp:") == true) }
  }

  @Test("a name that is taken is asked for again, and the other answers stay")
  func taken() throws {
    var conversation = Conversation()
    for (topic, text) in [(Topic.way, "2"), (.address, "cam@home.example"), (.viewers, ""), (.name, "")] {
      conversation.answer(topic, text)
    }
    conversation.enter(try XMPPClientError.ofCamera(.registrationRefused(StanzaError(.cancel, .conflict))))
    #expect(conversation.question?.remark == "cam@home.example is taken: choose another name")
    conversation.answer(.address, "cam2@home.example")
    #expect(conversation.account?.jid.description == "cam2@home.example")

    var invited = Conversation()
    for (topic, text) in [
      (Topic.way, "xmpp:home.example?register;preauth=T"), (.accountName, "cam"), (.viewers, ""), (.name, ""),
    ] {
      invited.answer(topic, text)
    }
    invited.enter(try XMPPClientError.ofCamera(.registrationRefused(StanzaError(.cancel, .conflict))))
    invited.answer(.accountName, "cam2")
    #expect(invited.account?.registration == .init(token: "T"))
  }

  @Test("a refused password leads back to the account, and a server that is not there to the choice of one")
  func refused() throws {
    var conversation = Conversation()
    for (topic, text) in [
      (Topic.way, "1"), (.address, "cam@home.example"), (.password, "x"), (.viewers, ""), (.name, ""),
    ] {
      conversation.answer(topic, text)
    }
    conversation.enter(try XMPPClientError.ofCamera(.authenticationFailed(condition: "not-authorized", text: nil)))
    #expect(conversation.question?.remark?.contains("refuses the password") == true)
    conversation.answer(.address, "cam@home.example")
    conversation.answer(.password, "y")
    #expect(conversation.account?.password == "y")
    conversation.enter(try XMPPClientError.ofCamera(.closedByServer))
    #expect(conversation.question?.topic == .way)
    conversation.answer(.way, "2")
    conversation.answer(.address, "cam@other.example")
    #expect(conversation.account?.registration != nil)
    conversation.enter(try XMPPClientError.ofCamera(.registrationObstructed(.captcha(page: nil))))
    #expect(conversation.question?.topic == .way && conversation.question?.remark?.contains("CAPTCHA") == true)
  }

  @Test("an account that was created is kept, even if the login after it failed")
  func createdOnly() throws {
    var conversation = Conversation()
    for (topic, text) in [(Topic.way, "2"), (.address, "cam@home.example"), (.viewers, ""), (.name, "")] {
      conversation.answer(topic, text)
    }
    var error = try XMPPClientError.ofCamera(.closedByServer)
    error.hasRegistered = true
    conversation.enter(error)
    #expect(conversation.plan?.account.password.count == 24)
  }

  @Test("an account that may have been created is not created again")
  func unanswered() throws {
    var conversation = Conversation()
    for (topic, text) in [(Topic.way, "2"), (.address, "cam@home.example"), (.viewers, ""), (.name, "")] {
      conversation.answer(topic, text)
    }
    var error = try XMPPClientError.ofCamera(.closedByServer)
    error.isRegistrationUnanswered = true
    conversation.enter(error)
    #expect(conversation.failure == .account(error))
  }

  // MARK: Cameras

  @Test("of several cameras one is chosen by its number, looked at and confirmed")
  func cameras() throws {
    var conversation = Conversation(cameras: 3)
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
    var conversation = Conversation(cameras: 0)
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
    #expect(Conversation(request).dialogue.answers.source == "/dev/v4l/by-id/usb-Acme_0")
    #expect(Conversation().dialogue.answers.source == "camera")
  }

  @Test("nodes that give no pictures are no choice")
  func unusable() throws {
    var generator = SystemRandomNumberGenerator()
    var dialogue = SetupDialogue(SetupRequest(), over: FormerSettings(), defaultName: "Camera", generator: &generator)
    _ = dialogue.start()
    #expect(dialogue.found([.acme(0, problem: "raw"), .acme(1)]) == .show(source: "camera"))
  }
}
