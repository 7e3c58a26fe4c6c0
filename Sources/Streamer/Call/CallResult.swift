import Jingle
import NIOCore

/// How a call went.
struct CallResult: Sendable {
  var outcome: CallOutcome
  /// From session-accept to the first frame handed to the sockets.
  var setupTime: TimeAmount?
  /// Nil where it never came to a picture.
  var streamingTime: TimeAmount?
  var statistics: CallStatistics?
}
