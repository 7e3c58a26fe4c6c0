import ICE

/// What `jinglecam serve` was told, by its command line or by its file, before any of it is checked.
package struct ServeSettings: Sendable {
  /// The names of the options, and of the file's keys.
  package enum Key: String, CaseIterable, Sendable {
    case jid, source, server, size, fps, stride, bitrate, rotate, microphone, speaker, viewers, metrics
    case passwordFile = "password-file"
    case caFile = "ca-file"
    case icePolicy = "ice-policy"
    case minBitrate = "min-bitrate"
    case audioBitrate = "audio-bitrate"
    case audioTrack = "audio-track"
    case callsPerMinute = "calls-per-minute"
    // These are true or false.
    case loop, flip, fixed, talk
    case noChime = "no-chime"
    case noAudio = "no-audio"
    case turnRelaxed = "turn-relaxed"
  }

  package struct Permission: Hashable, Sendable {
    package var jid: Setting
    package var role: Setting?

    package init(jid: Setting, role: Setting? = nil) {
      self.jid = jid
      self.role = role
    }
  }

  package struct Relay: Hashable, Sendable {
    package var uri: Setting
    package var credentials: TURNCredentials
    /// Where it was read; nil: from the environment.
    package var passwordFile: String?

    package init(uri: Setting, credentials: TURNCredentials, passwordFile: String? = nil) {
      self.uri = uri
      self.credentials = credentials
      self.passwordFile = passwordFile
    }
  }

  package var values: [Key: Setting] = [:]
  package var allow: [Permission] = []
  package var controls: [Setting] = []
  package var turn: [Relay] = []
  /// The configuration file, if there is one.
  package var file: String?
  /// What the file says that is no setting.
  var misread: [SettingError] = []

  package init() {}

  /// These settings where there are any, else those of `file`.
  package func over(_ file: ServeSettings) -> ServeSettings {
    var merged = self
    merged.values.merge(file.values) { mine, _ in mine }
    if allow.isEmpty { merged.allow = file.allow }
    if controls.isEmpty { merged.controls = file.controls }
    if turn.isEmpty { merged.turn = file.turn }
    merged.file = file.file
    merged.misread += file.misread
    return merged
  }
}
