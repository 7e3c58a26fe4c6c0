/// The presentation of the error in `candidateError`, named as in ``TURNError``.
extension STUNBindingError {
  package var code: Int? {
    if case .rejected(let error) = self { error.code } else { nil }
  }

  package var text: String {
    switch self {
    case .timeout: "no response"
    case .rejected(let error): error.reason.isEmpty ? "rejected by the server" : error.reason
    case .malformedResponse: "malformed response"
    case .unusableAddress: "the server says that we have an address that nobody can have"
    case .disconnected(let reason): reason
    }
  }
}
