/// What is said at the end of a call.
package struct CallSummary: Codable, Sendable, Equatable {
  /// One word for a program: `completed`, `hung-up`, `declined`, `busy`, `no-answer`, …
  package var outcome: String
  /// One line for a person.
  package var text: String
  /// Seconds from session-accept to the first frame handed to the network; nil where none was.
  package var setupTime: Double?
  /// Seconds of streaming.
  package var duration: Double
  package var statistics: CallStatistics?
}
