/// XEP-0166 section 7.2.10, with what calls demand besides: whether an offer is one that a source of video can answer.
enum SessionOffer {
  /// Nil where it is, else why the session ends.
  ///
  /// - Parameter proposed: the media of the propose, where there was one: Conversations, called, checks the same.
  static func fault(in offer: [Content], proposed: [Media]?) -> Reason? {
    guard offer.allSatisfy({ $0.creator == .initiator }) else {
      return Reason(.failedApplication, text: "offer has a content of the responder's")
    }
    let media = offer.compactMap { $0.description?.media }
    guard media.count == offer.count, isServed(media) else {
      return Reason(.unsupportedApplications, text: "one video content is needed, and one of audio may be there")
    }
    guard proposed == nil || Set(media) == proposed.map(Set.init) else {
      return Reason(.securityError, text: "offer has other media than were proposed")
    }
    guard offer.allSatisfy({ $0.transport != nil }) else {
      return Reason(.unsupportedTransports, text: "ICE-UDP is needed")
    }
    guard offer.allSatisfy({ $0.description?.rtcpMux == true }) else {
      return Reason(.incompatibleParameters, text: "rtcp-mux is needed")
    }
    guard offer.allSatisfy({ $0.transport?.hasCredentials == true }) else {
      return Reason(.failedTransport, text: "offer has a content without ICE credentials")
    }
    // RFC 5763 section 5: without a fingerprint the handshake proves nothing. The offer's setup must be `actpass`; where
    // it chose a side already, the answerer takes the other.
    let setups = Set(offer.map { $0.transport?.fingerprint?.setup })
    guard setups.count == 1, setups.isSubset(of: [.actpass, .active, .passive]) else {
      return Reason(.securityError, text: "offer has not one fingerprint and setup for every content")
    }
    return nil
  }

  /// Video, with audio or without it, each once.
  static func isServed(_ media: [Media]) -> Bool {
    media.contains(.video) && Set(media).count == media.count && Set(media).isSubset(of: [.audio, .video])
  }
}
