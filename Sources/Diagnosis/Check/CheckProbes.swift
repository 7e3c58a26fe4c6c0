import ICE
import NIOCore
import Network

/// Runs the probes of a check, all at once, and tells what each finds when it is found.
struct CheckProbes: Sendable {
  let isRelayOnly: Bool
  let relaxed: Bool
  let caFile: String?
  let lifetimes: CredentialLifetimes
  let reporter: any CheckReporter
  let eventLoop: any EventLoop
  /// The time at which all probes end.
  let end: NIODeadline

  private enum Outcome: Sendable {
    case behavior(NATBehavior)
    case relay(CheckFindings.Relay)
  }

  func run(_ servers: [CheckServer], into findings: inout CheckFindings) async {
    let routes = Dictionary(servers.map { ($0.ice.address, Self.route(to: $0.ice.address)) }) { first, _ in first }
    let outcomes = await withTaskGroup(of: Outcome?.self) { group in
      for family in [NIOBSDSocket.ProtocolFamily.inet, .inet6] where !isRelayOnly {
        let asked = CheckPlan.bindingServers(servers, family: family)
        if !asked.isEmpty { group.addTask { await discover(asked, routes).map(Outcome.behavior) } }
      }
      for server in servers where server.isRelay {
        group.addTask { await relay(server, routes).map(Outcome.relay) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for outcome in outcomes {
      switch outcome {
      case .behavior(let behavior)?: findings.behaviors.append(behavior)
      case .relay(let relay)?: findings.relays.append(relay)
      case nil: break
      }
    }
    if routes.values.contains(where: { (try? $0.get()) != nil }) { findings.hasRoute = true }
  }

  private typealias Routes = [SocketAddress: Result<SocketAddress, Route.Failure>]

  private static func route(to server: SocketAddress) -> Result<SocketAddress, Route.Failure> {
    do throws(Route.Failure) { return .success(try Route.source(to: server)) } catch { return .failure(error) }
  }

  // MARK: STUN

  /// One socket asks all of a family; then, where a server can, the NAT is looked at closely.
  private func discover(_ servers: [CheckServer], _ routes: Routes) async -> NATBehavior? {
    let started = NIODeadline.now()
    var reachable: [SocketAddress: [CheckServer]] = [:]
    for server in servers {
      switch routes[server.ice.address] {
      case .success(let source)?: reachable[source, default: []].append(server)
      case .failure(let failure)?:
        reporter.report(
          STUNEvent(
            server: server.ice.url, isOffered: server.isOffered, address: server.ice.address, noRoute: failure.reason))
      case nil: break
      }
    }
    // Of several ways out, that which leads to most servers.
    guard let (source, asked) = reachable.max(by: { ($0.value.count, $1.key.text) < ($1.value.count, $0.key.text) })
    else { return nil }
    let byAddress = Dictionary(asked.map { ($0.ice.address, $0) }) { first, _ in first }
    let probe = STUNProbe(servers: asked.map(\.ice.address), generator: SystemRandomNumberGenerator())
    let found = await probe.run(from: source, until: end, on: eventLoop, caFile: caFile) { [reporter] in
      guard let server = byAddress[$0.server] else { return }
      reporter.report(STUNEvent(server: server.ice.url, isOffered: server.isOffered, $0))
    }
    var behavior = NATBehavior(comparing: found)
    var method = "comparison"
    if let server = found.first(where: { $0.other != nil })?.server {
      let discovery = NATBehaviorDiscovery(server: server, generator: SystemRandomNumberGenerator())
      let closer = await discovery.run(from: source, until: end, on: eventLoop, caFile: caFile) { _ in }
      // Where the closer look fails, what was seen before stands.
      if let closer = closer.first, closer.mapped != nil,
        closer.mapping.dependence != nil || behavior.mapping.dependence == nil
      {
        behavior = closer
        method = "rfc5780"
      }
    }
    guard !Task.isCancelled else { return nil }
    reporter.report(
      NATEvent(behavior, family: source.familyName, method: method, time: .now() - started))
    return behavior
  }

  // MARK: TURN

  private func relay(_ server: CheckServer, _ routes: Routes) async -> CheckFindings.Relay? {
    guard case .turn(let credentials) = server.ice.kind, let route = routes[server.ice.address] else { return nil }
    var result = CheckFindings.Relay(
      url: server.ice.url, relayProtocol: server.ice.relayProtocol, isOffered: server.isOffered,
      isNamedByUser: server.isNamedByUser, allocation: AllocationFinding(), packets: nil,
      expiredFor: lifetimes.expiredFor(credentials, now: WallClock.secondsSince1970))
    switch route {
    case .failure(let failure):
      result.allocation = AllocationFinding(error: .disconnected(failure.reason))
      reporter.report(TURNEvent(server, noRoute: failure.reason))
    case .success(let source):
      let first = await probe(server, from: source)
      let alternate = first.allocation.flatMap { Self.alternate(to: server, $0) }
      let last = if let alternate { await probe(alternate, from: source) } else { first }
      result.allocation = last.allocation ?? result.allocation
      result.packets = last.packets
    }
    return result
  }

  private func probe(
    _ server: CheckServer, from source: SocketAddress
  ) async -> (allocation: AllocationFinding?, packets: RelayFinding?) {
    let probe = TURNProbe(
      server: server.ice, relaxed: relaxed, measures: server.isOffered, generator: SystemRandomNumberGenerator())
    let found = await probe.run(from: source, until: end, on: eventLoop, caFile: caFile) { finding in
      switch finding {
      case .allocation(let allocation): reporter.report(TURNEvent(server, allocation))
      case .relay(let relay): reporter.report(RelayEvent(server, relay))
      }
    }
    var result: (AllocationFinding?, RelayFinding?)
    for finding in found {
      switch finding {
      case .allocation(let allocation): result.0 = allocation
      case .relay(let relay): result.1 = relay
      }
    }
    return result
  }

  /// Followed once, as in a call: "the client … reattempts the request with the server specified in the attribute"
  /// (RFC 8489 section 10).
  static func alternate(to server: CheckServer, _ finding: AllocationFinding) -> CheckServer? {
    guard
      case .redirected(let address?, let domain) = finding.error, address != server.ice.address, address.port != 0,
      address.protocol == server.ice.address.protocol
    else { return nil }
    var alternate = server
    alternate.ice.address = address
    alternate.ice.name = domain ?? server.ice.name
    return alternate
  }
}
