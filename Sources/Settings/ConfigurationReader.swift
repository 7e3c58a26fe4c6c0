import ICE

/// Makes settings of the nodes of a configuration file; each error names its line.
struct ConfigurationReader {
  let path: String

  func settings(_ root: YAMLNode) throws(SettingError) -> ServeSettings {
    var settings = ServeSettings()
    settings.file = path
    for (key, node) in try mapping(root, "the configuration") {
      collecting(&settings) { settings throws(SettingError) in try read(key, node, into: &settings) }
    }
    return settings
  }

  private func read(_ key: Setting, _ node: YAMLNode, into settings: inout ServeSettings) throws(SettingError) {
    switch key.text {
    case "allow":
      for node in try sequence(node, key) {
        collecting(&settings) { settings throws(SettingError) in settings.allow.append(try permission(node)) }
      }
    case "controls":
      for (name, node) in try mapping(node, key.text) {
        let value = try scalar(node, name.text)
        settings.controls.append(Setting("\(name.text)=\(value.text)", place: value.place))
      }
    case "turn":
      for node in try sequence(node, key) {
        collecting(&settings) { settings throws(SettingError) in settings.turn.append(try relay(node)) }
      }
    default:
      guard let known = ServeSettings.Key(rawValue: key.text) else { throw unknown(key) }
      settings.values[known] = try scalar(node, key.text)
    }
  }

  /// What is wrong with one part does not keep the others from being read.
  private func collecting(
    _ settings: inout ServeSettings, _ body: (inout ServeSettings) throws(SettingError) -> Void
  ) {
    do throws(SettingError) {
      try body(&settings)
    } catch {
      settings.misread.append(error)
    }
  }

  private func permission(_ node: YAMLNode) throws(SettingError) -> ServeSettings.Permission {
    if case .scalar(let text) = node.content { return .init(jid: Setting(text, place: place(node))) }
    let fields = try fields(of: node, among: ["jid", "role"], "allow")
    guard let jid = fields["jid"] else { throw error(node, "an entry of allow has no jid; write - jid: user@domain") }
    return .init(jid: jid, role: fields["role"])
  }

  private func relay(_ node: YAMLNode) throws(SettingError) -> ServeSettings.Relay {
    let fields = try fields(of: node, among: ["uri", "username", "password-file"], "turn")
    guard let uri = fields["uri"], let username = fields["username"], let file = fields["password-file"] else {
      throw error(node, "an entry of turn needs uri, username and password-file")
    }
    let password = try file.parse { text throws(SettingError) in try Password.read(file: text) }
    return .init(
      uri: uri, credentials: TURNCredentials(username: username.text, password: password), passwordFile: file.text)
  }

  private func fields(of node: YAMLNode, among known: Set<String>, _ name: String) throws(SettingError) -> [String:
    Setting]
  {
    var fields: [String: Setting] = [:]
    for (key, node) in try mapping(node, "an entry of \(name)") {
      guard known.contains(key.text) else { throw unknown(key, among: known) }
      fields[key.text] = try scalar(node, key.text)
    }
    return fields
  }

  // MARK: YAMLNodes

  private func mapping(_ node: YAMLNode, _ name: String) throws(SettingError) -> [(Setting, YAMLNode)] {
    guard case .mapping(let mapping) = node.content else {
      throw error(node, "\(name) must be written as KEY: VALUE, a line each")
    }
    var pairs: [(Setting, YAMLNode)] = []
    for (key, value) in mapping {
      let key = try scalar(key, "a key")
      guard !pairs.contains(where: { $0.0.text == key.text }) else {
        throw SettingError("\(key.text) is written twice", .configuration).at(key.place ?? path)
      }
      pairs.append((key, value))
    }
    return pairs
  }

  private func sequence(_ node: YAMLNode, _ key: Setting) throws(SettingError) -> [YAMLNode] {
    guard case .sequence(let sequence) = node.content else {
      throw error(node, "\(key.text) must be a list; begin each entry with -")
    }
    return sequence
  }

  private func scalar(_ node: YAMLNode, _ name: String) throws(SettingError) -> Setting {
    guard case .scalar(let text) = node.content else { throw error(node, "\(name) must be a single value") }
    return Setting(text, place: place(node))
  }

  private func place(_ node: YAMLNode) -> String {
    "\(path):\(node.line)"
  }

  private func unknown(_ key: Setting, among known: Set<String>? = nil) -> SettingError {
    let known = known ?? Set(ServeSettings.Key.allCases.map(\.rawValue)).union(["allow", "controls", "turn"])
    let cure: String? =
      switch key.text {
      case "password": "write password-file, with the name of a file that holds the password"
      case "json", "log-level", "config", "check-config": "it is an option of the command line only"
      case "duration", "ring-timeout", "one-way", "record-network": "it is an option of jinglecam stream only"
      default: Spelling.closest(to: key.text, among: known).map { "did you mean \($0)?" }
      }
    return SettingError("unknown key '\(key.text)'", cure: cure, .configuration).at(key.place ?? path)
  }

  private func error(_ node: YAMLNode, _ text: String) -> SettingError {
    SettingError(text, .configuration).at(place(node))
  }
}
