/// The text exposition format of Prometheus, version 0.0.4.
struct MetricsText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  enum Kind: String {
    case counter, gauge
  }

  struct Sample {
    var labels: [(name: String, value: String)] = []
    var value: any Numeric & CustomStringConvertible
  }

  private(set) var text = ""

  /// All of a family in one group, its HELP and TYPE first, as the format wants it. One without a sample is left out.
  mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    guard !samples.isEmpty else { return }
    text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
      text += name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(sample.value)\n"
    }
  }

  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ value: some Numeric & CustomStringConvertible
  ) {
    family(name, kind, help, [Sample(value: value)])
  }

  /// A backslash and a line feed anywhere, a quotation mark in the value of a label.
  private static func escaped(_ text: String, quotes: Bool = false) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.append(character)
      }
    }
  }
}
