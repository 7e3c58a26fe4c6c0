import NIOCore
import TestSupport

/// One scrape of a camera that is called with `--metrics`.
struct Metrics {
  let text: String
  private let samples: [Substring: Double]

  init(_ path: String) async throws {
    var text = ""
    // A scrape that takes too long, as on a busy machine it may, is not answered.
    while text.isEmpty {
      text = try await RawExchange.send(
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", to: SocketAddress(unixDomainSocketPath: path))
    }
    self.text = text
    var samples: [Substring: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " ") else { continue }
      samples[line[..<space]] = Double(line[line.index(after: space)...])
    }
    self.samples = samples
  }

  subscript(_ sample: String) -> Double { samples[sample[...]] ?? .nan }
}
