import Jingle

/// The header extensions (XEP-0294) of congestion control and of the playout delay, and the feedback without which some are
/// of no use.
extension JingleMapping {
  static let transportWideSequenceNumberURI =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
  static let absoluteSendTimeURI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

  static let playoutDelayURI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

  /// Those of video in our offers, under libwebrtc's own identifiers. Sound has none, and no feedback on them: its
  /// packets are not numbered, and we do not tell how those that are received arrive.
  static let headerExtensions: [RTPDescription.HeaderExtension] = [
    .init(id: 2, uri: absoluteSendTimeURI), .init(id: 3, uri: transportWideSequenceNumberURI),
    .init(id: 5, uri: playoutDelayURI),
  ]

  /// The extensions of an offer or answer that both sides know, under the peer's identifiers (RFC 8285 section 6).
  ///
  /// The transport-wide sequence number is left out where there is no feedback on it, and so are identifiers that do
  /// not fit the one-byte form or stand for two extensions.
  ///
  /// - Parameters:
  ///   - payloadType: the one that is used.
  ///   - local: our side, which must be allowed to send an extension.
  static func agreedExtensions(
    of description: RTPDescription, payloadType: UInt8, local: Content.Senders
  ) -> [RTPDescription.HeaderExtension] {
    let hasFeedback = description.requests(.transportWide, for: payloadType)
    return headerExtensions.filter { $0.uri != transportWideSequenceNumberURI || hasFeedback }.compactMap { known in
      description.headerExtensions.first { offered in
        offered.uri == known.uri && (1...14).contains(offered.id)
          && (offered.senders == .both || offered.senders == local)
          && description.headerExtensions.count { $0.id == offered.id } == 1
      }
    }
  }

  /// Those of `known` that the peer wants too; feedback on transport-wide sequence numbers only with `extensions` that
  /// contain them.
  static func agreedFeedback(
    _ known: [RTPDescription.Feedback], of description: RTPDescription, payloadType: UInt8,
    with extensions: [RTPDescription.HeaderExtension]
  ) -> [RTPDescription.Feedback] {
    known.filter { feedback in
      description.requests(feedback, for: payloadType)
        && (feedback != .transportWide || extensions.contains { $0.uri == transportWideSequenceNumberURI })
    }
  }
}

extension RTPDescription {
  /// Whether the peer names a type of feedback for a payload type or for all of them. Conversations and Movim write
  /// either, Siskin only the former.
  func requests(_ feedback: Feedback, for payloadType: UInt8) -> Bool {
    self.feedback.contains(feedback)
      || payloadTypes.contains { $0.id == payloadType && $0.feedback.contains(feedback) }
  }
}
