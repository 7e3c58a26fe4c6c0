import Streamer
import XMPP

/// Where a camera that is called tells what happens, beside the log.
package struct ServeOutput: Sendable {
  /// Who is told how a call goes; nil: the log is.
  var reporter: (@Sendable (_ peer: JID, _ sid: String) -> any Reporter)?
  /// Lines of the log that nobody took.
  var linesLost: @Sendable () -> Int

  package init(
    reporter: (@Sendable (_ peer: JID, _ sid: String) -> any Reporter)?, linesLost: @escaping @Sendable () -> Int
  ) {
    self.reporter = reporter
    self.linesLost = linesLost
  }
}
