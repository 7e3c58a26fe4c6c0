import Call

/// What is said at the end of a call.
package struct CallSummary: Codable, Sendable, Equatable {
  /// One word for a program.
  package enum Outcome: String, Codable, CaseIterable, Sendable {
    case completed, declined, busy, unreachable, yielded, cancelled, failed
    case hungUp = "hung-up"
    case noAnswer = "no-answer"
    case noJingle = "no-jingle"
  }

  package var outcome: Outcome
  /// One line for a person.
  package var text: String
  /// Seconds from session-accept to the first frame handed to the network; nil where none was.
  package var setupTime: Double?
  /// The seconds for which the picture was sent.
  package var duration: Double
  package var statistics: CallStatistics?
}

extension CallStatistics {
  /// `direct` or `relay`, as a person wants to know it.
  package var pathKind: String {
    switch (localCandidate?.candidateType, remoteCandidate?.candidateType) {
    case (nil, _), (_, nil): "no path"
    case ("relay", _), (_, "relay"): "relay"
    default: localCandidate?.relayProtocol != nil ? "relay" : "direct"
    }
  }
}
