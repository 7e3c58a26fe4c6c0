import Capture

/// Changes a configuration file as a person would: the lines of the settings that change, and no other. Comments, the
/// order, and all other settings stay.
package struct ConfigurationText: Sendable {
  /// The settings that change. A nil value takes the setting away.
  package var values: [ServeSettings.Key: String?] = [:]
  /// Who may watch; nil leaves the list as it is, and an empty one takes it away.
  package var allow: [ServeSettings.Permission]?

  package init() {}

  private static let header = """
    # Settings of jinglecam serve; man jinglecam.yaml describes them.
    # After a change: systemctl reload jinglecam (the account and the server want a restart).

    """

  /// Returns the changed text.
  ///
  /// - Parameters:
  ///   - text: the file's; nil if there is no file yet.
  ///   - path: of the file, for messages.
  /// - Throws: `SettingError`, if the file cannot be read as settings, or is written in a way that only a person can
  ///   change.
  package func applied(to text: String?, path: String) throws(SettingError) -> String {
    let former = try ConfigurationFile.parse(text ?? "", path: path)
    // A carriage return and a line feed are one character.
    let end = text?.contains("\r\n") == true ? "\r\n" : "\n"
    var lines = (text ?? Self.header).split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
      .map(String.init)
    if lines.last == "" { lines.removeLast() }
    for (key, value) in values.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      guard former.values[key]?.text != value else { continue }
      Self.set(key.rawValue, to: value.map(Self.scalar), in: &lines)
    }
    if let allow, former.allow.map(\.plain) != allow.map(\.plain) { Self.set(allow, in: &lines) }
    let changed = lines.joined(separator: end) + end
    guard let new = try? ConfigurationFile.parse(changed, path: path), isRight(new, after: former) else {
      throw refusal(path)
    }
    return changed
  }

  /// Whether the new text says what it shall, and otherwise what it said before.
  private func isRight(_ new: ServeSettings, after former: ServeSettings) -> Bool {
    var expected = former.values.mapValues(\.text)
    for (key, value) in values { expected[key] = value }
    return new.values.mapValues(\.text) == expected
      && new.allow.map(\.plain) == (allow ?? former.allow).map(\.plain)
      && new.controls.map(\.text) == former.controls.map(\.text)
      && new.turn.map(\.uri.text) == former.turn.map(\.uri.text) && new.misread.count == former.misread.count
  }

  private func refusal(_ path: String) -> SettingError {
    var wanted = values.sorted { $0.key.rawValue < $1.key.rawValue }.map { key, value in
      // The address of a source may have a password in it.
      value.map { "\(key.rawValue): \(Self.scalar(NetworkAddress.shown($0)))" } ?? "no \(key.rawValue)"
    }
    if let allow { wanted.append("allow: \(allow.map(\.jid.text).joined(separator: ", "))") }
    return SettingError(
      "\(path) is written in a way that only a person can change",
      cure: "make it say \(wanted.joined(separator: "; ")), or move it away", .configuration)
  }

  // MARK: Lines

  private static func set(_ key: String, to value: String?, in lines: inout [String]) {
    if let index = lines.firstIndex(where: { $0.hasPrefix(key + ":") }) {
      let comment = comment(of: lines[index])
      guard let value else { return lines[index] = "#" + lines[index] }
      lines[index] = "\(key): \(value)" + comment
    } else if let value {
      // The sample has a setting that is not used as a comment, at its place.
      if let index = lines.firstIndex(where: { $0.hasPrefix("#\(key):") }) {
        lines[index] = "\(key): \(value)" + comment(of: lines[index])
      } else {
        let after = lines.firstIndex { $0.hasPrefix("jid:") }.map { $0 + 1 }
        lines.insert("\(key): \(value)", at: after ?? lines.endIndex)
      }
    }
  }

  private static func set(_ allow: [ServeSettings.Permission], in lines: inout [String]) {
    var new: [String] = allow.isEmpty ? [] : ["allow:"]
    for permission in allow {
      new.append("  - jid: \(scalar(permission.jid.text))")
      if let role = permission.role { new.append("    role: \(role.text)") }
    }
    guard let start = lines.firstIndex(where: { $0.hasPrefix("allow:") }) else {
      if !new.isEmpty { lines += [""] + new }
      return
    }
    if new.isEmpty { new = ["# allow: nobody yet"] } else { new[0] += comment(of: lines[start]) }
    // The list ends before the next key; comments and empty lines before that belong to what follows.
    let isOfList = { (line: String) in line.first.map { " -\t".contains($0) } ?? false }
    let next = lines[(start + 1)...].firstIndex { !isOfList($0) && !$0.isEmpty && !$0.hasPrefix("#") } ?? lines.endIndex
    let last = lines[(start + 1)..<next].lastIndex(where: isOfList) ?? start
    lines.replaceSubrange(start...last, with: new)
  }

  /// The comment at the end of a line, with the space before it.
  private static func comment(of line: String) -> String {
    let value = line.drop { $0 != ":" }.dropFirst()
    let isQuoted = value.contains(/^[ \t]*['"]/)
    let comment =
      isQuoted
      ? value.firstMatch(of: /^[ \t]*['"].*?['"]([ \t]+#.*)$/)?.1 : value.firstMatch(of: /([ \t]+#.*)$/)?.1
    return String(comment ?? "")
  }

  /// A value as YAML has it: plain if it cannot be misunderstood, else in single quotes (YAML 1.2 section 7.3).
  private static func scalar(_ text: String) -> String {
    let isPlain = text.wholeMatch(of: /[A-Za-z0-9\/][A-Za-z0-9\/@._+=~-]*(:[A-Za-z0-9\/@._+=~-]+)*/) != nil
    return isPlain && Double(text) == nil ? text : "'\(text.replacing("'", with: "''"))'"
  }
}

extension ServeSettings.Permission {
  /// Without the places.
  fileprivate var plain: [String?] { [jid.text, role?.text] }
}
