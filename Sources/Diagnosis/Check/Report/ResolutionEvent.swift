/// The addresses of a server's name.
struct ResolutionEvent: CheckEvent {
  static let type = "dns"

  let host: String
  let addresses: [String]
  /// Seconds.
  let time: Double

  var text: String {
    let list = addresses.isEmpty ? "cannot be resolved" : addresses.joined(separator: ", ")
    return "\(host): \(list)"
  }
}
