import Capture

extension ServeSettings {
  /// Everything that is wrong, in the order of the file's lines, and not only the first thing; empty if
  /// ``configuration()`` succeeds.
  package var problems: [SettingError] {
    var problems = misread
    func check(_ settings: ServeSettings) {
      var settings = settings
      (settings.file, settings.misread) = (file, [])
      do throws(SettingError) {
        _ = try settings.configuration()
      } catch {
        if !problems.contains(error) { problems.append(error) }
      }
    }
    for key in Key.allCases where values[key] != nil || Self.baseline.values[key] != nil {
      var alone = Self.baseline
      alone.values[key] = values[key]
      // The one is bounded by the other.
      if key == .minBitrate, let bitrate = values[.bitrate], (try? Bitrate.parse(bitrate.text)) != nil {
        alone.values[.bitrate] = bitrate
      }
      check(alone)
    }
    for control in controls { check(Self.baseline { $0.controls = [control] }) }
    for relay in turn { check(Self.baseline { $0.turn = [relay] }) }
    for permission in allow { check(Self.baseline { $0.allow = [permission] }) }
    if problems.isEmpty { check(self) }
    return problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
  }

  /// What is wrong with the controls, in the order of the file's lines.
  ///
  /// - Throws: what keeps the camera from being asked.
  package func controlProblems(of source: String) throws(CaptureError) -> [SettingError] {
    var problems: [SettingError] = []
    for control in controls {
      do throws(CaptureError) {
        try CameraInventory.check(ControlSetting(parsing: control.text), of: source)
      } catch {
        guard case .invalidControl = error else { throw error }
        problems.append(Self.problem(of: control, error))
      }
    }
    return problems
  }

  static func problem(of control: Setting, _ error: CaptureError) -> SettingError {
    guard let place = control.place, case .invalidControl(let reason) = error else {
      return SettingError(error.description, .usage)
    }
    return SettingError(reason, .usage).at(place)
  }

  /// Settings that are right, among which one that is wrong stands out.
  private static let baseline = ServeSettings.baseline { _ in }

  private static func baseline(_ change: (inout ServeSettings) -> Void) -> ServeSettings {
    var settings = ServeSettings()
    settings.values = [.jid: Setting("camera@example.net"), .source: Setting("pattern")]
    settings.allow = [Permission(jid: Setting("viewer@example.net"))]
    change(&settings)
    return settings
  }
}
