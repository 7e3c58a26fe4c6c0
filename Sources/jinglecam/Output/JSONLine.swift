import FoundationEssentials

/// One JSON object on a line: `{"type":…, "timestamp": milliseconds, …}`, with the `version` of its format where it has one.
struct JSONLine<Body: Encodable>: Encodable {
  let type: String
  var version: Int?
  /// Which call it is of, where there are several.
  var jid: String?
  var sid: String?
  let body: Body

  private enum CodingKeys: String, CodingKey {
    case type
    case timestamp
    case version
    case jid
    case sid
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type, forKey: .type)
    try container.encodeIfPresent(version, forKey: .version)
    try container.encodeIfPresent(jid, forKey: .jid)
    try container.encodeIfPresent(sid, forKey: .sid)
    // Milliseconds since the Unix epoch, as DOMHighResTimeStamp in webrtc-stats.
    try container.encode((Date().timeIntervalSince1970 * 1000).rounded(), forKey: .timestamp)
    try body.encode(to: encoder)
  }

  var text: String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
  }
}

/// What ended a command, in JSON.
struct ErrorReport: Encodable {
  let text: String
  /// The exit status that goes with it.
  let status: Int32

  init(_ error: CommandError) {
    text = error.description
    status = error.status.rawValue
  }
}
