import ICE

/// Why a step failed: an object in JSON, or one line for people.
package struct FailureReport: Encodable {
  /// What was being done, where a step has several parts.
  var stage: String?
  /// The STUN error code; nil where there is none.
  var code: Int?
  let text: String

  package init(stage: String? = nil, code: Int? = nil, text: String) {
    self.stage = stage
    self.code = code
    self.text = text
  }

  package init(_ error: TURNError, stage: String? = nil) {
    let text =
      switch error {
      case .redirected(let address?, _): "redirected to \(address.text)"
      case .unsignedResponse: "\(error.text); --turn-relaxed accepts them"
      default: error.text
      }
    self.init(stage: stage, code: error.code, text: text)
  }

  init(_ error: ICEServerError) {
    switch error {
    case .stun(let error): self.init(error)
    case .turn(let error): self.init(error)
    }
  }

  package init(_ error: STUNBindingError) {
    self.init(code: error.code, text: error.text)
  }

  /// The line for people.
  package var line: String {
    [stage.map { "\($0):" }, code.map { "\($0)" }, text].compactMap { $0 }.joined(separator: " ")
  }
}
