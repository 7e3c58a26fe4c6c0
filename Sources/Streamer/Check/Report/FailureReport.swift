import ICE

/// Why a step failed, in JSON.
struct FailureReport: Encodable {
  /// What was being done, where a step has several parts.
  var stage: String?
  /// Of STUN.
  var code: Int?
  let text: String

  init(stage: String? = nil, code: Int? = nil, text: String) {
    self.stage = stage
    self.code = code
    self.text = text
  }

  init(_ error: TURNError, stage: String) {
    if case .redirected(let address?, _) = error {
      self.init(stage: stage, code: error.code, text: "redirected to \(address.text)")
    } else {
      self.init(stage: stage, code: error.code, text: error.text)
    }
  }

  init(_ error: STUNBindingError) {
    self.init(code: error.code, text: error.text)
  }

  /// For people.
  var line: String { [stage.map { "\($0):" }, code.map { "\($0)" }, text].compactMap { $0 }.joined(separator: " ") }
}
