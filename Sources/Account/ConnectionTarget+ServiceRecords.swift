import Network

extension ConnectionTarget {
  /// Orders the records of `_xmpps-client` and `_xmpp-client` as one set (XEP-0368 section 3) by RFC 2782: the lowest
  /// priority first, among equals at random by weight. Nil where there is nothing to order; empty where the domain says
  /// that it has no such service.
  static func order(
    direct: [ServiceRecord], startTLS: [ServiceRecord], using generator: inout some RandomNumberGenerator
  ) -> [ConnectionTarget]? {
    var rest = direct.map { ($0, true) } + startTLS.map { ($0, false) }
    let isRefused = !startTLS.isEmpty && rest.allSatisfy { $0.0.target.isEmpty }
    rest.removeAll { $0.0.target.isEmpty }
    guard !rest.isEmpty else { return isRefused ? [] : nil }
    // Those of weight 0 come first, so that they are chosen only where the random number is 0.
    rest.sort { ($0.0.priority, $0.0.weight) < ($1.0.priority, $1.0.weight) }
    var ordered: [ConnectionTarget] = []
    while let priority = rest.first?.0.priority {
      let group = rest.prefix { $0.0.priority == priority }
      let choice = Int.random(in: 0...group.reduce(0) { $0 + Int($1.0.weight) }, using: &generator)
      var sum = 0
      let index =
        group.firstIndex {
          sum += Int($0.0.weight); return sum >= choice
        } ?? 0
      let (record, isDirectTLS) = rest.remove(at: index)
      ordered.append(
        ConnectionTarget(host: record.target, port: Int(record.port), isDirectTLS: isDirectTLS))
    }
    return ordered
  }
}
