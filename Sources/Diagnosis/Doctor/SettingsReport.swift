import Network
import Settings
import Studio

/// What `serve` would be told, each part by itself: one that is wrong does not keep the others from being looked at.
struct SettingsReport: Sendable {
  /// The file that `--config` names.
  var file: String?
  var account: Account?
  var video: VideoConfiguration?
  var speaker: SpeakerConfiguration?
  var connectivity: ConnectivityConfiguration?
  var access: AccessList?
  /// Files that hold passwords.
  var secretFiles: [String] = []
  var errors: [SettingError] = []

  init(_ settings: ServeSettings, file: String?) {
    self.file = file
    account = try? settings.account()
    video = try? settings.video()
    speaker = try? settings.speaker()
    connectivity = try? settings.connectivity()
    access = try? settings.access()
    secretFiles = ([account?.passwordFile] + settings.turn.map(\.passwordFile)).compactMap { $0 }
    errors = settings.problems
  }

  /// The file cannot be used, and what it says is not known.
  init(unusable file: String?, _ error: SettingError) {
    self.file = file
    errors = [error]
  }

  var findings: [DoctorFinding] {
    guard errors.isEmpty, let access else {
      return errors.map { error in
        let fix =
          error.kind == .noInput
          ? "name a file that is there, and that you may read (else try sudo)"
          : "correct it; the page Serving and the sample jinglecam.yaml list the keys of the file"
        return .problem(.configuration, error.cause, fix: error.cure ?? fix, .setting(error.kind))
      }
    }
    let place = file ?? "the command line"
    let audience =
      access.isEmpty ? "serve shows a code for the first admin until somebody is allowed" : "may watch: \(access)"
    return [.ok(.configuration, "\(place) is right; \(audience)")]
      + access.warnings.map { .warning(.configuration, $0.text, fix: $0.fix) }
  }
}
