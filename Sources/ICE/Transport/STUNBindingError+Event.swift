/// The presentation of the error in `candidateError`, named as in ``TURNError``.
extension STUNBindingError {
  package var code: Int? {
    if case .rejected(let error) = self { error.code } else { nil }
  }

  package var text: String {
    switch self {
    case .timeout: "no response"
    case .rejected(let error): error.reason.isEmpty ? "the server rejected the request" : error.reason
    case .malformedResponse: "the server sent a malformed response"
    case .unusableAddress: "the server returned an address that cannot be ours"
    case .disconnected(let reason): reason
    }
  }
}
