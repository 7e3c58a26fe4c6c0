/// An answer that matches its offer (XEP-0166 section 7.2.8) and has what a call requires.
struct SessionAnswer {
  /// The contents in the order of the offer.
  let contents: [Content]

  /// Why the session has to end.
  struct Fault: Error {
    let reason: Reason
  }

  /// Validates an answer.
  ///
  /// - Parameter group: the offered group that the answer accepts.
  /// - Throws: `Fault`.
  init(_ answer: [Content], to offer: [Content], group: ContentGroup?) throws(Fault) {
    func fault(_ condition: Reason.Condition, _ text: String) -> Fault {
      Fault(reason: Reason(condition, text: "answer \(text)\(answer.remark)"))
    }
    // A content is identified by its name and its creator (XEP-0166 section 7.3), not by its position.
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
    // There is one socket and none for RTCP alone (RFC 5761 section 5.1.1).
    guard carriers.allSatisfy({ $0.description?.rtcpMux == true }) else {
      throw fault(.incompatibleParameters, "has a content without rtcp-mux")
    }
    guard carriers.allSatisfy({ $0.transport?.hasCredentials == true }) else {
      throw fault(.failedTransport, "has a content without ICE credentials")
    }
    // Without the fingerprint the handshake would prove nothing, and the answerer must choose a role (RFC 5763 section
    // 5).
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
