import Logging
import Streamer
import XMPP

/// Where a camera that is called tells what happens.
package struct ServeOutput: Sendable {
  let logger: Logger
  /// What the log was told last.
  let events = RecentEvents()
  /// Who is told how a call goes; nil: the log is.
  var reporter: (@Sendable (_ peer: JID, _ sid: String) -> any Reporter)?
  /// Lines of the log that nobody took.
  var linesLost: @Sendable () -> Int

  package init(
    logger: Logger, reporter: (@Sendable (_ peer: JID, _ sid: String) -> any Reporter)?,
    linesLost: @escaping @Sendable () -> Int
  ) {
    self.logger = events.following(logger)
    self.reporter = reporter
    self.linesLost = linesLost
  }
}
