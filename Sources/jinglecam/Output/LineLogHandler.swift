import Glibc
import Logging
import Network

/// The log by way of ``StandardStream``: who does not read it, a pipe that is closed, or a disk that is full must not hold
/// up who writes it.
struct LineLogHandler: LogHandler {
  /// An event of the log as ``JSONLine`` has it.
  private struct Event: Encodable {
    let level: String
    let text: String
    let metadata: [String: String]?
  }

  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info
  private let format: LogFormat
  private let isForJournal: Bool

  init(format: LogFormat) {
    let journal = getenv("JOURNAL_STREAM").map { String(cString: $0) }
    self.init(format: format, isForJournal: Journal.isStream(STDERR_FILENO, named: journal))
  }

  init(format: LogFormat, isForJournal: Bool) {
    self.format = format
    self.isForJournal = isForJournal
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let metadata = metadata.merging(event.metadata ?? [:]) { _, own in own }
    switch format {
    case .text: StandardStream.error(text(of: event, metadata))
    case .json: json(of: event, metadata).map(StandardStream.output)
    }
  }

  /// The time, the level, the message, and then each field as `key=value`: whose line it is first, and the session last.
  func text(of event: LogEvent, _ metadata: Logger.Metadata) -> String {
    let fields = metadata.sorted { (Self.rank($0.key), $0.key) < (Self.rank($1.key), $1.key) }
      .map { " \($0.key)=\(Self.quoted($0.value.description))" }.joined()
    // Much of it is others' words, which must not forge a line.
    let line = PrintableText.from("\(event.message)\(fields)")
    return isForJournal ? Journal.prefix(of: event.level) + line : "\(Self.timestamp) \(event.level) \(line)"
  }

  private static func rank(_ key: String) -> Int {
    switch key {
    case "jid": 0
    case "sid": 2
    default: 1
    }
  }

  /// In quotation marks if the value would otherwise not end at the next space.
  private static func quoted(_ value: String) -> String {
    guard value.isEmpty || value.contains(where: { $0.isWhitespace || $0 == "\"" || $0 == "=" }) else { return value }
    let escaped = value.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: #"\\"#)
      .split(separator: "\"", omittingEmptySubsequences: false).joined(separator: #"\""#)
    return "\"\(escaped)\""
  }

  func json(of event: LogEvent, _ metadata: Logger.Metadata) -> String? {
    JSONLine(
      type: "log", version: JSONReporter.version,
      body: Event(
        level: event.level.rawValue, text: event.message.description,
        metadata: metadata.isEmpty ? nil : metadata.mapValues(\.description))
    ).text
  }

  /// ISO 8601 in local time, as people read a log.
  private static var timestamp: String {
    var now = time(nil)
    var local = tm()
    localtime_r(&now, &local)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      strftime(buffer.baseAddress!, buffer.count, "%Y-%m-%dT%H:%M:%S%z", &local)
      return String(cString: buffer.baseAddress!)
    }
  }
}

/// What a line of the log is.
enum LogFormat: Sendable {
  /// For people, on standard error.
  case text
  /// One JSON object, on standard output.
  case json
}
