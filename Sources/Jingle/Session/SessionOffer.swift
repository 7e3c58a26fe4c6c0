/// XEP-0166 section 7.2.10, with what calls demand besides: whether an offer is one that a source of video can answer.
enum SessionOffer {
  /// Nil where it is, else why the session ends.
  ///
  /// - Parameter proposed: the media of the propose, where there was one: Conversations, called, checks the same.
  static func fault(in offer: [Content], group: ContentGroup?, proposed: [Media]?) -> Reason? {
    func fault(_ condition: Reason.Condition, _ text: String) -> Reason {
      Reason(condition, text: text + offer.remark)
    }
    guard offer.allSatisfy({ $0.creator == .initiator }) else {
      return fault(.failedApplication, "offer has a content of the responder's")
    }
    let media = offer.compactMap { $0.description?.media }
    guard media.count == offer.count, isServed(media) else {
      return fault(.unsupportedApplications, "one video content is needed, and one of audio may be there")
    }
    guard proposed == nil || Set(media) == proposed.map(Set.init) else {
      return fault(.securityError, "offer has other media than were proposed")
    }
    let carriers = offer.carriers(in: group)
    guard carriers.allSatisfy({ $0.transport != nil }) else {
      return fault(.unsupportedTransports, "ICE-UDP is needed")
    }
    guard carriers.allSatisfy({ $0.description?.rtcpMux == true }) else {
      return fault(.incompatibleParameters, "rtcp-mux is needed")
    }
    guard carriers.allSatisfy({ $0.transport?.hasCredentials == true }) else {
      return fault(.failedTransport, "offer has a content without ICE credentials")
    }
    // RFC 5763 section 5: without a fingerprint the handshake proves nothing. The offer's setup must be `actpass`; where
    // it chose a side already, the answerer takes the other.
    let setups = Set(carriers.map { $0.transport?.setup })
    guard setups.count == 1, setups.isSubset(of: [.actpass, .active, .passive]) else {
      return fault(.securityError, "offer has not one fingerprint and setup for every content")
    }
    return nil
  }

  /// Video, with audio or without it, each once.
  static func isServed(_ media: [Media]) -> Bool {
    media.contains(.video) && Set(media).count == media.count && Set(media).isSubset(of: [.audio, .video])
  }
}
