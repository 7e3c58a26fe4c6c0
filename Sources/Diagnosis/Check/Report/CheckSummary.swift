import NIOCore
import Network
import Streamer

/// What a check found out, in a few facts and a picture of the path; the steps have the rest.
package struct CheckSummary: Sendable {
  /// One line: what was looked at, and whether all is well with it.
  package struct Fact: Equatable, Sendable {
    package let subject: String
    package let level: DoctorFinding.Level
    package let text: String
  }

  private var interfaces: InterfacesEvent?
  private var login: LoginEvent?
  private var services: ServicesEvent?
  private var unresolved: [String] = []
  private var stun: [STUNEvent] = []
  private var nats: [NATEvent] = []
  private var turn: [TURNEvent] = []
  private var relays: [RelayEvent] = []
  private var hasCalled = false
  private var selected: PairEvent?
  private var path: PathEvent?
  private var failure: Fact?

  package init() {}

  package mutating func note(_ event: some CheckEvent) {
    switch event {
    case let event as InterfacesEvent: interfaces = event
    case let event as LoginEvent: login = event
    case let event as ServicesEvent: services = event
    case let event as ResolutionEvent: if event.addresses.isEmpty { unresolved.append(event.host) }
    case let event as STUNEvent: if event.isOffered { stun.append(event) }
    case let event as NATEvent: nats.append(event)
    case let event as TURNEvent: if event.isOffered { turn.append(event) }
    case let event as RelayEvent: relays.append(event)
    case is CheckCallEvent: hasCalled = true
    case let event as PairEvent: if event.pair.isSelected { selected = event }
    case let event as PathEvent: path = event
    default: break
    }
  }

  /// What ended the check; the step that was under way has no event.
  package mutating func note(_ error: StreamError) {
    switch error {
    case .account(let error) where error.kind != .cancelled:
      failure = Fact(subject: login == nil ? "login" : "call", level: .problem, text: error.cause)
    case .source, .noNetwork, .noRelay, .certificate:
      failure = Fact(subject: "call", level: .problem, text: error.description)
    case .cancelled, .setting, .account: break
    }
  }

  /// As far as the check came.
  package var facts: [Fact] { firstFacts + lastFacts }

  /// What is known in the first moments, in this order.
  package var firstFacts: [Fact] { [network, account, servers].compactMap { $0 } }

  /// What is not before the end.
  package var lastFacts: [Fact] { [names, udp, nat, relay, failure ?? call].compactMap { $0 } }

  // MARK: Facts

  private var network: Fact? {
    guard let interfaces else { return nil }
    let ways = interfaces.routes.map { route in
      route.source.map { "\(route.family) from \($0)" } ?? "no \(route.family)"
    }
    let hasIPv4 = interfaces.routes.contains { $0.family == "IPv4" && $0.source != nil }
    let hasAny = interfaces.routes.contains { $0.source != nil }
    return Fact(
      subject: "network", level: hasIPv4 ? .ok : hasAny ? .warning : .problem, text: ways.joined(separator: "; "))
  }

  private var account: Fact? {
    login.map { Fact(subject: "login", level: .ok, text: "\($0.jid), \(CheckText.time($0.time))") }
  }

  private var servers: Fact? {
    guard let services else { return nil }
    let (all, lapsed) = (services.services, services.services.compactMap(\.expiresIn).filter { $0 <= 0 })
    guard !all.isEmpty else {
      return Fact(subject: "servers", level: .warning, text: "no STUN or TURN server is named")
    }
    let ours = all.count { $0.source == "option" }
    let counts = [(all.count - ours, "from the XMPP server"), (ours, "named here")].filter { $0.0 > 0 }
    let text = "STUN and TURN: " + counts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    if let span = lapsed.min() {
      return Fact(
        subject: "servers", level: .problem,
        text: "\(text); credentials expired \(CheckText.span(seconds: -span)) ago")
    }
    let rest = services.services.compactMap(\.expiresIn).min().map { ", for \(CheckText.span(seconds: $0))" } ?? ""
    return Fact(subject: "servers", level: .ok, text: text + rest)
  }

  private var names: Fact? {
    guard let host = unresolved.first else { return nil }
    let others = unresolved.count > 1 ? " and \(unresolved.count - 1) more" : ""
    return Fact(subject: "dns", level: .problem, text: "\(host)\(others) cannot be resolved")
  }

  private var udp: Fact? {
    guard !stun.isEmpty else {
      return turn.isEmpty && services == nil
        ? nil : Fact(subject: "udp", level: .skipped, text: "no STUN server to test with")
    }
    let answers = stun.filter { $0.mappedAddress != nil }
    guard let best = answers.min(by: { Self.delay($0) < Self.delay($1) }) else {
      return Fact(subject: "udp", level: .problem, text: "no answer: \(stun[0].text)")
    }
    let delay = best.roundTripTime.map { ", \(CheckText.time($0.average))" } ?? ""
    return Fact(subject: "udp", level: .ok, text: "gets out; seen as \(best.mappedAddress ?? "")\(delay)")
  }

  private static func delay(_ event: STUNEvent) -> Double { event.roundTripTime?.average ?? .infinity }

  /// IPv4's if it is known, because not every viewer has IPv6.
  private var decisive: NATEvent? {
    let known = nats.filter { $0.mappedAddress != nil }
    return known.first { $0.family == "IPv4" } ?? known.first
  }

  private var nat: Fact? {
    guard let decisive else {
      guard let reason = nats.first?.mappingUnknown else { return nil }
      return Fact(subject: "nat", level: .skipped, text: "unknown: \(reason)")
    }
    if decisive.isTranslated == false { return Fact(subject: "nat", level: .ok, text: "none") }
    switch decisive.mapping {
    case "endpoint-independent"?:
      return Fact(subject: "nat", level: .ok, text: "every destination sees the same address")
    case nil:
      return Fact(
        subject: "nat", level: .skipped, text: "kind unknown: \(decisive.mappingUnknown ?? "no server can tell")")
    default:
      return Fact(subject: "nat", level: .warning, text: "symmetric: each destination sees another address")
    }
  }

  /// Those that gave an allocation, unless every packet through it was lost.
  private var usable: [(turn: TURNEvent, relay: RelayEvent?)] {
    turn.filter { $0.error == nil }.map { event in
      (event, relays.first { $0.server == event.server && $0.address == event.address })
    }.filter { _, relay in
      guard let relay, relay.error == nil else { return true }
      return relay.packetsReceived > 0
    }
  }

  private var relay: Fact? {
    guard !turn.isEmpty else {
      return services == nil ? nil : Fact(subject: "relay", level: .warning, text: "no TURN server to test with")
    }
    guard !usable.isEmpty else {
      return Fact(subject: "relay", level: .problem, text: "none can be used: \(turn[0].text)")
    }
    let tried = usable.compactMap(\.relay)
    let (sent, received) = (tried.reduce(0) { $0 + $1.packetsSent }, tried.reduce(0) { $0 + $1.packetsReceived })
    let parts = [
      ways, delay(of: tried).map { CheckText.time($0) }, sent > 0 ? "\(sent - received) of \(sent) packets lost" : nil,
    ]
    return Fact(
      subject: "relay", level: sent > 0 && received < sent ? .warning : .ok,
      text: parts.compactMap { $0 }.joined(separator: ", "))
  }

  private func delay(of relays: [RelayEvent]) -> Double? { relays.compactMap { $0.roundTripTime?.average }.min() }

  private var ways: String {
    ["udp", "tcp", "tls"].filter { way in usable.contains { $0.turn.transport == way } }.map { $0.uppercased() }
      .joined(separator: ", ")
  }

  private var call: Fact? {
    guard hasCalled else { return nil }
    guard let path else { return Fact(subject: "call", level: .problem, text: "no picture was sent") }
    let isRelayed = path.relayProtocol != nil || path.remoteCandidateType == "relay"
    let delay = path.currentRoundTripTime.map { ", round trip \(CheckText.time($0))" } ?? ""
    return Fact(
      subject: "call", level: .ok,
      text: "\(isRelayed ? "relay" : "direct")\(delay), \(path.framesSent) frames in \(CheckText.time(path.duration))")
  }

  // MARK: The picture

  /// The path from the camera to a viewer; nil before it is known.
  ///
  /// - Parameter verdict: whether there is a direct path, a relay, or none.
  package func drawing(_ verdict: CheckVerdict, width: Int) -> [String] {
    guard let source = interfaces?.routes.compactMap(\.source).first else { return [] }
    let camera =
      selected.map { Self.host(of: $0.pair.local.address) } ?? decisive?.localAddress.map(Self.host) ?? source
    let mapped = decisive?.isTranslated == true ? decisive?.mappedAddress.map(Self.host) : nil
    let viewer = selected.map { Self.host(of: $0.pair.remote.address) }
    var relay: PathDrawing.Relay?
    if let best = usable.first {
      relay = .init(
        address: Self.host(of: best.turn.address), ways: ways,
        delay: delay(of: usable.compactMap(\.relay)).map { CheckText.time($0) })
    }
    return PathDrawing(
      camera: selected == nil || verdict.path == .direct ? camera : source, nat: mapped, viewer: viewer,
      isDirect: verdict.path == .direct, delay: path?.currentRoundTripTime.map { CheckText.time($0) }, relay: relay
    ).lines(width: width)
  }

  /// An address without its port.
  private static func host(of address: String) -> String {
    guard let colon = address.lastIndex(of: ":") else { return address }
    if address.hasPrefix("["), let end = address.firstIndex(of: "]") {
      return String(address[address.index(after: address.startIndex)..<end])
    }
    // More colons than one are of IPv6 without a port.
    return address.firstIndex(of: ":") == colon ? String(address[..<colon]) : address
  }
}
