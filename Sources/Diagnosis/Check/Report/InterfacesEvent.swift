/// The addresses of this host, and whether the system knows a way out.
struct InterfacesEvent: CheckEvent {
  static let type = "interfaces"

  struct Address: Encodable {
    let name: String
    let address: String
  }

  struct DefaultRoute: Encodable {
    let family: String
    /// The address that is sent from.
    let source: String?
    let error: String?
  }

  let addresses: [Address]
  let routes: [DefaultRoute]
  /// Seconds.
  let time: Double

  var text: String {
    let list =
      addresses.isEmpty ? "none has an address" : addresses.map { "\($0.name) \($0.address)" }.joined(separator: ", ")
    let ways = routes.map { route in
      route.source.map { "\(route.family) has a default route, from \($0)" }
        ?? "\(route.family) has no default route (\(route.error ?? ""))"
    }
    return ([list] + ways).joined(separator: "; ")
  }
}
