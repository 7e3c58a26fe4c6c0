import ICE

/// Makes settings of the nodes of a configuration file; each error names its line.
struct ConfigurationReader {
  let path: String

  func settings(_ root: YAMLNode) throws(SettingError) -> ServeSettings {
    var settings = ServeSettings()
    for (key, node) in try mapping(root, "the configuration") {
      switch key.text {
      case "allow":
        for node in try sequence(node, key) { settings.allow.append(try permission(node)) }
      case "controls":
        for (name, node) in try mapping(node, key.text) {
          let value = try scalar(node, name.text)
          settings.controls.append(Setting("\(name.text)=\(value.text)", place: value.place))
        }
      case "turn":
        for node in try sequence(node, key) { settings.turn.append(try relay(node)) }
      default:
        guard let known = ServeSettings.Key(rawValue: key.text) else { throw unknown(key) }
        settings.values[known] = try scalar(node, key.text)
      }
    }
    return settings
  }

  private func permission(_ node: YAMLNode) throws(SettingError) -> ServeSettings.Permission {
    if case .scalar(let text) = node.content { throw error(node, "an entry of allow is written jid: \(text)") }
    let fields = try fields(of: node, among: ["jid", "role"], "allow")
    guard let jid = fields["jid"] else { throw error(node, "an entry of allow has no jid") }
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
      guard known.contains(key.text) else { throw unknown(key) }
      fields[key.text] = try scalar(node, key.text)
    }
    return fields
  }

  // MARK: YAMLNodes

  private func mapping(_ node: YAMLNode, _ name: String) throws(SettingError) -> [(Setting, YAMLNode)] {
    guard case .mapping(let mapping) = node.content else { throw error(node, "\(name) must have keys and values") }
    var pairs: [(Setting, YAMLNode)] = []
    for (key, value) in mapping {
      let key = try scalar(key, "a key")
      guard !pairs.contains(where: { $0.0.text == key.text }) else {
        throw SettingError("\(key.place ?? path): \(key.text) is there twice", .configuration)
      }
      pairs.append((key, value))
    }
    return pairs
  }

  private func sequence(_ node: YAMLNode, _ key: Setting) throws(SettingError) -> [YAMLNode] {
    guard case .sequence(let sequence) = node.content else {
      throw error(node, "\(key.text) must be a list, of entries that begin with -")
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

  private func unknown(_ key: Setting) -> SettingError {
    SettingError("\(key.place ?? path): unknown key '\(key.text)'", .configuration)
  }

  private func error(_ node: YAMLNode, _ text: String) -> SettingError {
    SettingError("\(place(node)): \(text)", .configuration)
  }
}
