import Settings
import Testing
import XMPP

@testable import Account
@testable import Capture
@testable import Setup

@Suite("Setup that has its answers from options, or from settings that are there")
struct SetupOptionsTests {
  typealias Topic = SetupQuestion.Topic

  // MARK: Options

  private func request(_ change: (inout SetupRequest) -> Void = { _ in }) -> SetupRequest {
    var request = SetupRequest()
    request.isUnattended = true
    change(&request)
    return request
  }

  @Test("options answer everything, and nothing is asked")
  func unattended() throws {
    var conversation = Conversation(
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
    let created = Conversation(
      request {
        $0.jid = "cam@home.example"
        $0.creates = true
      })
    #expect(created.account?.registration == .init(token: nil))
    let invited = Conversation(request { $0.invitation = "xmpp:home.example?register;preauth=T" })
    #expect(invited.account?.jid.description == "camera@home.example")
    let named = Conversation(
      request {
        $0.invitation = "xmpp:home.example?register;preauth=T"
        $0.jid = "door@home.example"
      })
    #expect(named.account?.jid.description == "door@home.example")
  }

  @Test("without a question nobody becomes an admin for having sent the link")
  func unattendedInviter() throws {
    var conversation = Conversation(request { $0.invitation = "xmpp:ann@home.example?roster;preauth=T;ibr=y" })
    #expect(conversation.account != nil)
    conversation.enter()
    #expect(conversation.plan?.allow == [])
  }

  @Test("an answer that is missing or wrong is one line, with its option")
  func missing() throws {
    let withoutCamera = Conversation(request(), cameras: 0)
    #expect(withoutCamera.failure == .source(.noCamera))
    #expect(Conversation(request()).failure?.description.hasPrefix("--jid is missing") == true)
    let noPassword = Conversation(request { $0.jid = "cam@home.example" })
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
      (
        {
          $0.jid = "cam@home.example"
          $0.password = ""
        }, "--password-file"
      ),
      ({ $0.name = "a\u{1b}b" }, "--name"),
    ] as [((inout SetupRequest) -> Void, String)] {
      // Before a camera is searched for, and so also if there is none.
      let failure = Conversation(request(change), cameras: 0).failure
      #expect(failure?.description.hasPrefix(text) == true, "\(failure?.description ?? "")")
    }
  }

  @Test("whatever goes wrong with the account ends an unattended setup")
  func unattendedFailure() throws {
    var conversation = Conversation(
      request {
        $0.jid = "cam@home.example"
        $0.creates = true
      })
    let error = try XMPPClientError.ofCamera(.registrationRefused(StanzaError(.cancel, .conflict)))
    conversation.enter(error)
    #expect(conversation.failure == .account(error))
  }

  @Test("without --yes a wrong option is asked for")
  func wrongOption() throws {
    var request = SetupRequest()
    request.jid = "cam"
    let conversation = Conversation(request)
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
    var conversation = Conversation(over: former)
    for topic in [Topic.source, .way, .address, .password, .viewers, .name] { conversation.answer(topic, "") }
    #expect(conversation.account?.server == "localhost:1" && conversation.account?.password == "p")
    conversation.enter()
    #expect(conversation.plan?.source == "pattern" && conversation.plan?.allow == nil)

    var other = Conversation(over: former)
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
    let network = Conversation(over: former)
    #expect(network.question?.line.contains("rtsp://") == true && network.question?.line.contains("secret") == false)

    former.source = "pattern"
    let unattended = Conversation(request(), over: former)
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
        let conversation = Conversation(request { $0.jid = jid }, over: former)
        #expect(conversation.account?.password == "p" && conversation.account?.server == "localhost:1")
      }
    }
  }
}
