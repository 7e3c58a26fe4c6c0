import Capture
import Network
import Settings
import XMPP

/// How each question is worded, and when it need not be asked.
extension SetupDialogue {
  func question(_ topic: SetupQuestion.Topic) -> SetupQuestion {
    switch topic {
    case .source: return sourceQuestion
    case .confirmation:
      var question = SetupQuestion(.confirmation, "Is this what you want to show? (yes or no)")
      question.standard = "yes"
      return question
    case .way: return wayQuestion
    case .address: return addressQuestion
    case .invitation:
      return SetupQuestion(.invitation, "Invitation link (xmpp:…?register;preauth=…)")
    case .accountName:
      var question = SetupQuestion(.accountName, "Name of the new account at \(invitation?.server.description ?? "")")
      question.standard = "camera"
      return question
    case .password:
      var question = SetupQuestion(.password, "Password of \(answers.jid?.bare.description ?? "") (it is not shown)")
      question.isSecret = true
      if isFormerAccount, let password = former.password {
        (question.standard, question.shownStandard) = (password, "the one it has")
      }
      return question
    case .viewers: return viewersQuestion
    case .name:
      var question = SetupQuestion(.name, "Name of the camera in the contact list")
      question.standard = defaultName
      return question
    }
  }

  /// What is taken without a question, since there is no choice.
  func impliedAnswer(to topic: SetupQuestion.Topic) -> String? {
    switch topic {
    case .source:
      guard former.source == nil else { return nil }
      guard cameras.count == 1 else { return nil }
      return request.isOneOfSeveral ? cameras[0].source : CameraFinder.anyCamera
    // Whoever has named the source, or has no choice, need not confirm it.
    case .confirmation: return cameras.count < 2 || answers.source == request.source ? "yes" : nil
    case .accountName: return invitation?.account?.local
    case .password:
      if case .existing = answers.way { return nil }
      return madePassword
    default: return nil
    }
  }

  var invitation: Invitation? {
    if case .invitation(let invitation) = answers.way { invitation } else { nil }
  }

  private var sourceQuestion: SetupQuestion {
    var question = SetupQuestion(
      .source,
      cameras.isEmpty
        ? "There is no camera. What to show instead (a video file, an address, or pattern for a test picture)"
        : "Camera (its number; or a path, an address, or pattern)")
    question.choices = cameras.enumerated().map { index, camera in "\(index + 1)  \(PrintableText.from(camera.line))" }
    question.standard = former.source ?? (cameras.isEmpty ? nil : "1")
    // An address may have a password in it.
    question.shownStandard = former.source.map(NetworkAddress.shown)
    return question
  }

  private var wayQuestion: SetupQuestion {
    var question = SetupQuestion(.way, "Your choice (1, 2 or 3)")
    question.choices = [
      "The camera needs an XMPP account of its own.",
      "1  it has one: I know its address and its password",
      "2  create one, on a server that lets everybody",
      "3  create one, with an invitation link",
    ]
    if former.jid != nil { question.standard = "1" }
    return question
  }

  private var addressQuestion: SetupQuestion {
    guard answers.way == .existing else {
      return SetupQuestion(.address, "Address of the new account (user@domain)")
    }
    var question = SetupQuestion(.address, "Address of the account (user@domain)")
    question.standard = former.jid
    return question
  }

  private var viewersQuestion: SetupQuestion {
    var question = SetupQuestion(
      .viewers, "Who may watch? Addresses with spaces between; the first may also give the camera orders")
    if !former.allow.isEmpty {
      question.standard = former.allow.map(\.jid.text).joined(separator: " ")
    } else if !request.isUnattended, let inviter = invitation?.inviter {
      // Whoever has sent the link becomes an admin only if somebody agrees.
      question.standard = inviter.description
    } else {
      (question.standard, question.shownStandard) = ("", "nobody yet")
    }
    return question
  }
}
