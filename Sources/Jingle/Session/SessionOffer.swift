/// The validation of an offer (XEP-0166 section 7.2.10) to which a source of video can respond.
enum SessionOffer {
  /// Returns why the session has to end, or nil if the offer is valid.
  ///
  /// - Parameters:
  ///   - proposed: the media of the propose, if there was one. Conversations, as the callee, checks them too.
  ///   - takesSoundAlone: whether there is sound to send.
  static func fault(
    in offer: [Content], group: ContentGroup?, proposed: [Media]?, takesSoundAlone: Bool
  ) -> Reason? {
    func fault(_ condition: Reason.Condition, _ text: String) -> Reason {
      Reason(condition, text: text + offer.remark)
    }
    guard offer.allSatisfy({ $0.creator == .initiator }) else {
      return fault(.failedApplication, "offer has a content of the responder's")
    }
    let media = offer.compactMap { $0.description?.media }
    guard media.count == offer.count, isServed(media, takesSoundAlone: takesSoundAlone) else {
      return fault(
        .unsupportedApplications,
        takesSoundAlone
          ? "one audio content is needed, or one video content, or both"
          : "one video content is needed, and one of audio may be there")
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
    // Without a fingerprint the handshake would prove nothing. The setup of an offer must be `actpass` (RFC 5763
    // section 5); if it chose a role already, the answerer takes the other.
    let setups = Set(carriers.map { $0.transport?.setup })
    guard setups.count == 1, setups.isSubset(of: [.actpass, .active, .passive]) else {
      return fault(.securityError, "offer has not one fingerprint and setup for every content")
    }
    return nil
  }

  /// Whether the media are supported: video, with or without audio, or audio alone, each once.
  static func isServed(_ media: [Media], takesSoundAlone: Bool) -> Bool {
    let set = Set(media)
    guard set.count == media.count, set.isSubset(of: [.audio, .video]) else { return false }
    return set.contains(.video) || takesSoundAlone && set == [.audio]
  }
}
