import Account
import Settings
import Studio

/// What `serve` would be told, each part by itself: one that is wrong does not keep the others from being looked at.
struct SettingsReport: Sendable {
  /// The file that `--config` names.
  var file: String?
  var account: Account?
  var video: VideoConfiguration?
  var connectivity: ConnectivityConfiguration?
  var access: AccessList?
  /// Files that hold passwords.
  var secretFiles: [String] = []
  var errors: [SettingError] = []

  init(_ settings: ServeSettings, file: String?) {
    self.file = file
    account = attempt(settings.account)
    video = attempt(settings.video)
    connectivity = attempt(settings.connectivity)
    access = attempt(settings.access)
    secretFiles = ([account?.passwordFile] + settings.turn.map(\.passwordFile)).compactMap { $0 }
    if errors.isEmpty { _ = attempt(settings.configuration) }
  }

  /// The file cannot be used, and what it says is not known.
  init(unusable file: String?, _ error: SettingError) {
    self.file = file
    errors = [error]
  }

  private mutating func attempt<Value>(_ body: () throws(SettingError) -> Value) -> Value? {
    do throws(SettingError) {
      return try body()
    } catch {
      errors.append(error)
      return nil
    }
  }

  var findings: [DoctorFinding] {
    guard errors.isEmpty, let access else {
      return errors.map { error in
        let fix =
          error.kind == .noInput
          ? "name a file that is there, and that you may read (else try sudo)"
          : "correct it; jinglecam serve --help tells the options, which are the keys of the file"
        return .problem(.configuration, error.cause, fix: error.cure ?? fix, .setting(error.kind))
      }
    }
    let place = file ?? "the command line"
    return [.ok(.configuration, "\(place) is right; may watch: \(access)")]
  }
}
