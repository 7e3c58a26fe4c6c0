import FoundationEssentials

/// How a camera that is called is doing at one moment, for a person who may look into it: who watches, what they are sent,
/// and what happened last. Names are those of W3C webrtc-stats where they exist.
package struct ServiceStatus: Codable, Equatable, Sendable {
  /// The code of ``Pairing``.
  package struct PairingCode: Codable, Equatable, Sendable {
    package var code: String
    /// Seconds for which it is of use.
    package var expiresIn: Int

    package init(code: String, expiresIn: Int) {
      self.code = code
      self.expiresIn = expiresIn
    }
  }

  /// A call that is under way.
  package struct Call: Codable, Equatable, Sendable {
    package var jid: String
    /// Seconds for which pictures have been sent; nil: it is being connected.
    package var duration: Int?
    package var frameWidth: Int?
    package var frameHeight: Int?
    package var framesPerSecond: Double?
    /// Bits per second that are sent.
    package var bitrate: Int?
    /// Bits per second that the path carries.
    package var availableOutgoingBitrate: Int?
    /// `none`, `bandwidth` or `cpu`.
    package var qualityLimitationReason: String?
    /// `direct` or `relay`.
    package var path: String?
    /// Seconds.
    package var roundTripTime: Double?
    package var fractionLost: Double?
    package var hasSound = false

    package init(jid: String) {
      self.jid = jid
    }
  }

  /// A line of the log.
  package struct Event: Codable, Equatable, Sendable {
    /// Texts that programs look for as well as people.
    package enum Milestone: String, Sendable {
      case paired
      case contact = "contact request accepted"
    }

    /// Seconds since 1970.
    package var time: Int64
    package var level: String
    package var text: String
    package var metadata: [String: String]

    package var milestone: Milestone? { Milestone(rawValue: text) }

    package init(time: Int64, level: String, text: String, metadata: [String: String]) {
      self.time = time
      self.level = level
      self.text = text
      self.metadata = metadata
    }
  }

  /// The version of the format, which grows where a field changes its meaning or is removed.
  package static let currentVersion = 1
  /// The most bytes that a document may have; it has a tenth of it.
  package static let sizeLimit = 1 << 20

  package var type = "status"
  package var version = currentVersion
  /// Milliseconds since 1970.
  package var timestamp: Double
  /// Of jinglecam.
  package var program: String
  package var jid: String
  package var isConnected: Bool
  /// `ready`, `no camera`, or how many watch.
  package var state: String
  /// Why there is no sound from the microphone; nil if there is, or if nobody has listened yet.
  package var microphoneTrouble: String?
  package var source: String
  /// Seconds.
  package var uptime: Int
  package var maximumViewers: Int
  /// The number of people and domains who may watch.
  package var allowed: Int
  /// Nil if somebody is allowed.
  package var pairing: PairingCode?
  package var calls: [Call]
  /// The last ones, the newest at the end.
  package var events: [Event]

  package init(
    timestamp: Double, program: String, jid: String, isConnected: Bool, state: String,
    microphoneTrouble: String? = nil, source: String, uptime: Int,
    maximumViewers: Int, allowed: Int, pairing: PairingCode? = nil, calls: [Call] = [], events: [Event] = []
  ) {
    self.timestamp = timestamp
    self.program = program
    self.jid = jid
    self.isConnected = isConnected
    self.state = state
    self.microphoneTrouble = microphoneTrouble
    self.source = source
    self.uptime = uptime
    self.maximumViewers = maximumViewers
    self.allowed = allowed
    self.pairing = pairing
    self.calls = calls
    self.events = events
  }

  /// As a line of JSON.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// Reads a document; nil if it is not one of this version.
  package init?(json: String) {
    guard let status = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)),
      status.type == "status", status.version == Self.currentVersion
    else { return nil }
    self = status
  }
}
