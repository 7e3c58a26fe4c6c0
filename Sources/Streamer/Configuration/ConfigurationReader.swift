import Yams

/// Makes settings of the nodes of a configuration file; each error names its line.
struct ConfigurationReader {
  let path: String

  func settings(_ root: Node) throws(CommandError) -> ServeSettings {
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

  private func permission(_ node: Node) throws(CommandError) -> ServeSettings.Permission {
    let fields = try fields(of: node, among: ["jid", "role"], "allow")
    guard let jid = fields["jid"] else { throw error(node, "an entry of allow has no jid") }
    return .init(jid: jid, role: fields["role"])
  }

  private func relay(_ node: Node) throws(CommandError) -> ServeSettings.Relay {
    let fields = try fields(of: node, among: ["uri", "username", "password-file"], "turn")
    guard let uri = fields["uri"], let username = fields["username"], let file = fields["password-file"] else {
      throw error(node, "an entry of turn needs uri, username and password-file")
    }
    let password = try file.parse { text throws(CommandError) in try Password.read(file: text) }
    return .init(uri: uri, username: username.text, password: password)
  }

  private func fields(of node: Node, among known: Set<String>, _ name: String) throws(CommandError) -> [String: Setting]
  {
    var fields: [String: Setting] = [:]
    for (key, node) in try mapping(node, "an entry of \(name)") {
      guard known.contains(key.text) else { throw unknown(key) }
      fields[key.text] = try scalar(node, key.text)
    }
    return fields
  }

  // MARK: Nodes

  private func mapping(_ node: Node, _ name: String) throws(CommandError) -> [(Setting, Node)] {
    guard case .mapping(let mapping) = node else { throw error(node, "\(name) must have keys and values") }
    var pairs: [(Setting, Node)] = []
    for (key, value) in mapping { pairs.append((try scalar(key, "a key"), value)) }
    return pairs
  }

  private func sequence(_ node: Node, _ key: Setting) throws(CommandError) -> [Node] {
    guard case .sequence(let sequence) = node else { throw error(node, "\(key.text) must be a list") }
    return Array(sequence)
  }

  private func scalar(_ node: Node, _ name: String) throws(CommandError) -> Setting {
    guard case .scalar(let scalar) = node else { throw error(node, "\(name) must be a single value") }
    return Setting(scalar.string, place: place(node))
  }

  private func place(_ node: Node) -> String {
    "\(path):\(node.mark?.line ?? 1)"
  }

  private func unknown(_ key: Setting) -> CommandError {
    CommandError("\(key.place ?? path): unknown key '\(key.text)'", .configuration)
  }

  private func error(_ node: Node, _ text: String) -> CommandError {
    CommandError("\(place(node)): \(text)", .configuration)
  }
}
