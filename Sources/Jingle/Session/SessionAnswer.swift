/// XEP-0166 section 7.2.8, with what calls demand besides: whether an answer fits its offer.
enum SessionAnswer {
  /// Nil where it fits, else why the session ends.
  static func fault(in answer: [Content], to offer: [Content]) -> Reason? {
    guard answer.map(\.name) == offer.map(\.name), answer.map(\.creator) == offer.map(\.creator) else {
      return Reason(.failedApplication, text: "answer has other contents than the offer")
    }
    guard answer.map({ $0.description?.media }) == offer.map({ $0.description?.media }) else {
      return Reason(.failedApplication, text: "answer has other media than the offer")
    }
    guard answer.allSatisfy({ $0.description?.payloadTypes.isEmpty == false }) else {
      return Reason(.failedApplication, text: "answer has a content without payload types")
    }
    guard answer.allSatisfy({ $0.transport?.hasCredentials == true }) else {
      return Reason(.failedTransport, text: "answer has a content without ICE credentials")
    }
    // RFC 5763 section 5: without the fingerprint the handshake proves nothing, and the answerer must choose a side.
    guard answer.allSatisfy({ $0.transport?.fingerprint != nil }) else {
      return Reason(.securityError, text: "answer has a content without fingerprint")
    }
    let setups = Set(answer.map { $0.transport?.fingerprint?.setup })
    guard setups == [.active] || setups == [.passive] else {
      return Reason(.securityError, text: "answer does not choose one DTLS role")
    }
    return nil
  }
}

extension ICEUDPTransport {
  var hasCredentials: Bool { usernameFragment?.isEmpty == false && password?.isEmpty == false }
}
