import Logging
import Synchronization

/// Takes what is logged, as `MESSAGE KEY=VALUE …`.
package final class LogCollector: Sendable {
  private let taken = Mutex<[String]>([])

  package init() {}

  package var lines: [String] { taken.withLock { $0 } }

  package var logger: Logger { Logger(label: "test") { _ in Handler(collector: self) } }

  private struct Handler: LogHandler {
    let collector: LogCollector
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
      collector.taken.withLock { $0.append(([event.message.description] + fields).joined(separator: " ")) }
    }
  }
}
