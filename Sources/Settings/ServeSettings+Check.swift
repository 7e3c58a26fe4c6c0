import Capture
import ICE
import Network
import Studio
import Video

extension ServeSettings {
  /// Everything checked; the first thing that is wrong is thrown.
  package func configuration() throws(SettingError) -> ServeConfiguration {
    if let error = misread.first { throw error }
    return ServeConfiguration(
      account: try account(), video: try video(), connectivity: try connectivity(), access: try access(),
      maximumViewers: try value(.viewers) { text throws(SettingError) in try Self.number(text, in: 1...64) } ?? 4,
      callsPerMinute: try value(.callsPerMinute) { text throws(SettingError) in try Self.number(text, in: 1...600) }
        ?? 6,
      metrics: try value(.metrics) { text throws(SettingError) in try MetricsAddress(parsing: text) },
      speaker: try speaker(), talkRole: try value(.talk, Self.flag) == true ? .viewer : .admin)
  }

  package func speaker() throws(SettingError) -> SpeakerConfiguration? {
    let hasChime = try value(.noChime, Self.flag) != true
    return try value(.speaker) { text throws(SettingError) in
      try SpeakerConfiguration(speaker: text, hasChime: hasChime)
    }
  }

  private func value<Value>(
    _ key: Key, _ parser: (String) throws(SettingError) -> Value
  ) throws(SettingError) -> Value? {
    guard let setting = values[key] else { return nil }
    return try setting.parse { text throws(SettingError) in
      do throws(SettingError) {
        return try parser(text)
      } catch {
        throw error.of(setting.place == nil ? .option(key.rawValue) : .key(key.rawValue))
      }
    }
  }

  /// Where the account's password is; nil: in the environment.
  package var accountPasswordFile: String? { values[.passwordFile]?.text ?? Password.systemdCredential }

  package func account() throws(SettingError) -> Account {
    guard let jid = try value(.jid, AccountAddress.parse) else {
      throw missing(.jid, cure: "name the camera's account, as user@domain")
    }
    return Account(
      jid: jid, passwordFile: accountPasswordFile,
      server: try value(.server) { text throws(SettingError) in try ConnectionTarget(setting: text) },
      caFile: try value(.caFile) { text throws(SettingError) in
        try AuthorityFile.check(text)
        return text
      })
  }

  package func video() throws(SettingError) -> VideoConfiguration {
    guard let source = values[.source] else {
      let cure = "name a camera, a video file, an address on the network, or pattern"
      // On the command line it is no option.
      throw file == nil ? SettingError("SOURCE is missing", cure: cure, .usage) : missing(.source, cure: cure)
    }
    let turn = try value(.rotate) { text throws(SettingError) -> Orientation.Turn in
      guard let turn = Int(text).flatMap(Orientation.Turn.init) else {
        throw SettingError("'\(text)' is not a quarter turn", cure: "choose 0, 90, 180 or 270", .usage)
      }
      return turn
    }
    var settings: [ControlSetting] = []
    for control in controls {
      do throws(CaptureError) {
        settings.append(try ControlSetting(parsing: control.text))
      } catch {
        throw Self.problem(of: control, error)
      }
    }
    var video = VideoConfiguration(
      source: source.text, size: try value(.size) { text throws(SettingError) in try PictureSize(parsing: text) },
      frameRate: try value(.fps) { text throws(SettingError) in try Self.number(text, in: 1...120) },
      stride: try value(.stride) { text throws(SettingError) in try Self.number(text, in: 1...65_536) },
      orientation: Orientation(isMirrored: try value(.flip, Self.flag) ?? false, turn: turn ?? .none),
      controls: settings, limits: try limits(), loops: try value(.loop, Self.flag) ?? false)
    video.sound = try sound()
    video.soundBitrate = try value(.audioBitrate) { text throws(SettingError) in try Bitrate.parse(sound: text) }
    return video
  }

  private func sound() throws(SettingError) -> SoundConfiguration {
    let track = try value(.audioTrack) { text throws(SettingError) in try Self.number(text, in: 1...1_000) }
    let isOff = try value(.noAudio, Self.flag) ?? false
    let microphone = try value(.microphone) { text throws(SettingError) in
      try SoundConfiguration(microphone: text, audioTrack: track, isOff: isOff)
    }
    if let microphone { return microphone }
    return try SoundConfiguration(microphone: nil, audioTrack: track, isOff: isOff)
  }

  private func limits() throws(SettingError) -> EncodingLimits {
    let maximum = try value(.bitrate) { text throws(SettingError) in try Bitrate.parse(text) }
    let isFixed = try value(.fixed, Self.flag) ?? false
    let limits = try value(.minBitrate) { text throws(SettingError) in
      try EncodingLimits(
        maximumBitrate: maximum, minimumBitrate: try Bitrate.parse(text, of: Key.minBitrate.rawValue), isFixed: isFixed)
    }
    if let limits { return limits }
    return try EncodingLimits(maximumBitrate: maximum, minimumBitrate: nil, isFixed: isFixed)
  }

  package func access() throws(SettingError) -> AccessList {
    var access = AccessList()
    for permission in allow {
      let jid = try permission.jid.parse(AllowedAddress.parse)
      let role = try permission.role?.parse { text throws(SettingError) -> AccessList.Role in
        guard let role = AccessList.Role(rawValue: text) else {
          throw SettingError("role '\(text)' is unknown", cure: "choose viewer or admin", .usage)
        }
        return role
      }
      access.allow(jid, as: role ?? .viewer)
    }
    return access
  }

  private func missing(_ key: Key, cure: String) -> SettingError {
    guard let file else { return SettingError(of: .option(key.rawValue), "is missing", cure: cure, .usage) }
    return SettingError(of: .key(key.rawValue), "is missing", cure: cure, .usage).at(file)
  }

  package func connectivity() throws(SettingError) -> ConnectivityConfiguration {
    ConnectivityConfiguration(
      icePolicy: try value(.icePolicy, Self.icePolicy) ?? .all, turnServers: try turnServers(),
      relaxedTURN: try value(.turnRelaxed, Self.flag) ?? false)
  }

  private func turnServers() throws(SettingError) -> [TURNServer] {
    var servers: [TURNServer] = []
    for relay in turn {
      let uri = try relay.uri.parse { text throws(SettingError) in try TURNURI(parsing: text) }
      servers.append(TURNServer(uri: uri, credentials: relay.credentials))
    }
    return servers
  }

  private static func number(_ text: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
    let cure = "choose \(range.lowerBound) to \(range.upperBound)"
    guard let number = Int(text) else { throw SettingError("'\(text)' is not a whole number", cure: cure, .usage) }
    guard range.contains(number) else { throw SettingError("'\(text)' is out of range", cure: cure, .usage) }
    return number
  }

  private static func flag(_ text: String) throws(SettingError) -> Bool {
    guard let flag = Bool(text) else { throw SettingError("'\(text)' is neither true nor false", .usage) }
    return flag
  }

  private static func icePolicy(_ text: String) throws(SettingError) -> ICETransportPolicy {
    guard let policy = ICETransportPolicy(rawValue: text) else {
      throw SettingError("'\(text)' is unknown", cure: "choose all or relay", .usage)
    }
    return policy
  }
}
