/// XEP-0166 section 7.2.8, with what calls demand besides: whether an answer fits its offer.
struct SessionAnswer {
  /// In the order of the offer.
  let contents: [Content]

  /// Why the session ends.
  struct Fault: Error {
    let reason: Reason
  }

  /// - Parameter group: what of the offered groups the answer takes.
  init(_ answer: [Content], to offer: [Content], group: ContentGroup?) throws(Fault) {
    func fault(_ condition: Reason.Condition, _ text: String) -> Fault {
      Fault(reason: Reason(condition, text: "answer \(text)\(answer.remark)"))
    }
    // A content goes by its name and its creator (XEP-0166 section 7.3), not by its place.
    let contents = offer.compactMap { offered in
      answer.first { $0.name == offered.name && $0.creator == offered.creator }
    }
    guard contents.count == offer.count, answer.count == offer.count else {
      throw fault(.failedApplication, "has other contents than the offer")
    }
    guard contents.map({ $0.description?.media }) == offer.map({ $0.description?.media }) else {
      throw fault(.failedApplication, "has other media than the offer")
    }
    guard contents.allSatisfy({ $0.description?.payloadTypes.isEmpty == false }) else {
      throw fault(.failedApplication, "has a content without payload types")
    }
    let carriers = contents.carriers(in: group)
    // There is one socket, and so no place for RTCP of its own (RFC 5761 section 5.1.1).
    guard carriers.allSatisfy({ $0.description?.rtcpMux == true }) else {
      throw fault(.incompatibleParameters, "has a content without rtcp-mux")
    }
    guard carriers.allSatisfy({ $0.transport?.hasCredentials == true }) else {
      throw fault(.failedTransport, "has a content without ICE credentials")
    }
    // RFC 5763 section 5: without the fingerprint the handshake proves nothing, and the answerer must choose a side.
    guard carriers.allSatisfy({ $0.transport?.fingerprints.isEmpty == false }) else {
      throw fault(.securityError, "has a content without fingerprint")
    }
    let setups = Set(carriers.map { $0.transport?.setup })
    guard setups == [.active] || setups == [.passive] else {
      throw fault(.securityError, "does not choose one DTLS role")
    }
    self.contents = contents
  }
}

extension ICEUDPTransport {
  var hasCredentials: Bool { usernameFragment?.isEmpty == false && password?.isEmpty == false }
}
