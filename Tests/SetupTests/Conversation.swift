import Settings
import Testing
import XMPP

@testable import Account
@testable import Capture
@testable import Setup

/// A dialogue with a person, who answers what the test says.
struct Conversation {
  var dialogue: SetupDialogue
  var action: SetupDialogue.Action
  /// The topics in the order of the questions.
  var asked: [SetupQuestion.Topic] = []

  /// - Parameter cameras: how many there are.
  init(_ request: SetupRequest = SetupRequest(), over former: FormerSettings = FormerSettings(), cameras: Int = 1) {
    var generator = SystemRandomNumberGenerator()
    dialogue = SetupDialogue(request, over: former, defaultName: "Camera", generator: &generator)
    action = dialogue.start()
    if case .fail = action { return }
    #expect(action == .findCameras)
    action = dialogue.found((0..<cameras).map { .acme($0) })
    look()
  }

  /// What is shown is there.
  private mutating func look() {
    if case .show = action { action = dialogue.shown(nil) }
  }

  var question: SetupQuestion? { if case .ask(let question) = action { question } else { nil } }

  mutating func answer(_ topic: SetupQuestion.Topic, _ text: String, sourceLocation: SourceLocation = #_sourceLocation)
  {
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

extension CameraDescription {
  static func acme(_ number: Int, problem: String? = nil) -> CameraDescription {
    var camera = CameraDescription(
      path: "/dev/video\(number)", stablePath: "/dev/v4l/by-id/usb-Acme_\(number)", problem: problem)
    camera.card = "Acme \(number)"
    return camera
  }
}

extension XMPPClientError {
  static func ofCamera(_ error: ClientStreamError, _ account: String = "cam@home.example") throws -> XMPPClientError {
    .stream(error, jid: try JID(account))
  }
}
