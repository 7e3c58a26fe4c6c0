import Logging
import Network
import Synchronization

/// The last lines of the log, for who asks a service what happened.
final class RecentEvents: Sendable {
  static let limit = 20
  /// The most scalars of a text: much of it is others' words.
  private static let textLimit = 300

  private let events = Mutex<[ServiceStatus.Event]>([])

  var all: [ServiceStatus.Event] { events.withLock { $0 } }

  func record(_ level: Logger.Level, _ text: String, _ metadata: Logger.Metadata, time: Int64) {
    let event = ServiceStatus.Event(
      time: time, level: level.rawValue, text: PrintableText.from(text, limit: Self.textLimit),
      metadata: metadata.mapValues { PrintableText.from($0.description, limit: Self.textLimit) })
    events.withLock { events in
      if events.count == Self.limit { events.removeFirst() }
      events.append(event)
    }
  }

  /// `logger`, whose lines are remembered from now on.
  func following(_ logger: Logger) -> Logger {
    Logger(label: logger.label) { _ in EventRecorder(base: logger.handler, events: self) }
  }
}

/// Remembers what a log is told, and passes it on.
private struct EventRecorder: LogHandler {
  var base: any LogHandler
  let events: RecentEvents

  var metadata: Logger.Metadata {
    get { base.metadata }
    set { base.metadata = newValue }
  }

  var logLevel: Logger.Level {
    get { base.logLevel }
    set { base.logLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { base[metadataKey: key] }
    set { base[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    if event.level >= .notice {
      let metadata = base.metadata.merging(event.metadata ?? [:]) { _, own in own }
      events.record(event.level, event.message.description, metadata, time: WallClock.secondsSince1970)
    }
    base.log(event: event)
  }
}
