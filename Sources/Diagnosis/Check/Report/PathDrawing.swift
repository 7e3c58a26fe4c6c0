/// A path drawn in a few lines: the camera, its NAT and the viewer, and the relay below.
///
/// ```
/// camera             NAT                   viewer
/// 10.77.0.50 ------- 203.0.113.5 ---x---   ?
///     `-- relay 10.77.0.1 (UDP, TCP), 0.2 ms --'
/// ```
struct PathDrawing: Sendable {
  struct Relay: Sendable {
    let address: String
    let ways: String
    let delay: String?
  }

  let camera: String
  /// The address that others see; nil: there is no NAT, or it is not known.
  let nat: String?
  /// nil: nobody was called.
  let viewer: String?
  /// Whether the line between them is whole.
  let isDirect: Bool
  let delay: String?
  let relay: Relay?

  /// Of an address: three of them and the lines between fit into 80 columns.
  private static let addressWidth = 20

  func lines(width: Int) -> [String] {
    var places = [("camera", camera)]
    if let nat { places.append(("NAT", nat)) }
    places = places.map { ($0, Self.cut($1, to: Self.addressWidth)) }
    let widths = places.map { max($0.count, $1.count) }
    var links = nat == nil ? [finalLink] : [" ------ ", finalLink]
    // The viewer stands where the way through the relay ends.
    let end = zip(widths, links).reduce(0) { $0 + $1.0 + $1.1.count }
    let missing = max(0, (branch?.count ?? 0) - end)
    links[0] = " " + Self.dashes(missing) + links[0].dropFirst()
    var (names, addresses) = ("", "")
    for (index, (name, address)) in places.enumerated() {
      let link = links[index]
      names += name + String(repeating: " ", count: widths[index] - name.count + link.count)
      addresses += address + " " + Self.dashes(widths[index] - address.count) + link.dropFirst()
    }
    var lines = [names + "viewer", addresses + Self.cut(viewer ?? "?", to: Self.addressWidth)]
    if let branch { lines.append(branch + Self.dashes(addresses.count - branch.count) + "'") }
    return lines.map { Self.cut($0, to: width) }
  }

  private var finalLink: String {
    guard isDirect else { return " ---x--- " }
    return delay.map { " -- \($0) -- " } ?? " ------- "
  }

  /// The way through the relay, but for its end below the viewer.
  private var branch: String? {
    guard let relay else { return nil }
    let name = "relay \(Self.cut(relay.address, to: Self.addressWidth)) (\(relay.ways))"
    return "    `-- " + [name, relay.delay].compactMap { $0 }.joined(separator: ", ") + " --"
  }

  private static func dashes(_ count: Int) -> String { String(repeating: "-", count: max(0, count)) }

  private static func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }
}
