import Settings

extension SecretFile {
  /// nil: only its owner and their group may read it.
  var finding: DoctorFinding? {
    guard isReadableByAll else { return nil }
    return .warning(
      .password, "everybody on this computer may read the password in \(path)", fix: "chmod 600 '\(path)'")
  }
}
