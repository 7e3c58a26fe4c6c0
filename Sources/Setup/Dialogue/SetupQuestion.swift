/// A question of `jinglecam setup`.
package struct SetupQuestion: Equatable, Sendable {
  package enum Topic: String, CaseIterable, Sendable {
    case source, confirmation, way, address, invitation, accountName, password, viewers, name
  }

  package var topic: Topic
  /// Why the answer before was not taken, in one line; nil: it is asked for the first time.
  package var remark: String?
  /// What there is to choose from, a line each.
  package var choices: [String] = []
  package var prompt: String
  /// What an empty answer means; nil: there has to be one.
  package var standard: String?
  /// How that is shown, if not as it is.
  package var shownStandard: String?
  /// Whether the answer must not be seen.
  package var isSecret = false

  package init(_ topic: Topic, _ prompt: String) {
    self.topic = topic
    self.prompt = prompt
  }

  /// The line before the answer.
  package var line: String {
    let shown = shownStandard ?? standard
    return prompt + (shown.map { $0.isEmpty ? "" : " [\($0)]" } ?? "") + ": "
  }
}
