import Settings

/// Whether the account's password is there, and only ours to read; itself it is no part of this.
struct PasswordReport: Sendable {
  /// nil: the environment.
  var file: String?
  var error: SettingError?
  /// Whether white space begins or ends it, which is a part of it, and rarely meant to be.
  var isPadded = false
  /// Also those of TURN servers.
  var secretFiles: [SecretFile]

  var findings: [DoctorFinding] {
    let exposed = secretFiles.compactMap(\.finding)
    if let error { return [problem(error)] + exposed }
    guard !isPadded else {
      let place = file.map { "in \($0)" } ?? "of JINGLECAM_PASSWORD"
      return [.warning(.password, "the password \(place) begins or ends with a space", fix: "remove the space")]
        + exposed
    }
    guard exposed.isEmpty else { return exposed }
    return [.ok(.password, "it comes from \(file ?? "JINGLECAM_PASSWORD")")]
  }

  private func problem(_ error: SettingError) -> DoctorFinding {
    guard file != nil else {
      return .problem(
        .password, "there is none", fix: "set JINGLECAM_PASSWORD, or name a file with --password-file",
        .setting(error.kind))
    }
    let fix =
      error.kind == .noInput
      ? "create it, or run this as who may read it (sudo)" : "write the account's password into its first line"
    return .problem(.password, error.description, fix: fix, .setting(error.kind))
  }
}
