import XMPP

/// What a person is told of a command that was done, or could not be.
struct CommandAnswer: Sendable {
  let text: String
  /// A picture that is shown instead, where the person's client can.
  var picture: HTTPSURL?
  var isProblem = false

  init(_ text: String) {
    self.text = text
  }

  init(_ picture: HTTPSURL) {
    text = picture.description
    self.picture = picture
  }

  init(problem: CommandRefusal) {
    text = problem.description.sentence
    isProblem = true
  }
}
