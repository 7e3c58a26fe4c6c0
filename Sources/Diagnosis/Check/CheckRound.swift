import Account
import ICE
import Logging
import NIOCore
import Network
import Settings
import Streamer
import XMPP

/// One check, from the interfaces to the verdict.
package struct CheckRound: Sendable {
  let configuration: CheckConfiguration
  /// The account's; nil: there is none.
  let password: String?
  let reporter: any CheckReporter
  let logger: Logger
  let eventLoop: any EventLoop
  private let client: XMPPClient?
  let startedAt = NIODeadline.now()

  /// - Parameter client: asked for services instead of the account's, where there is one online already.
  package init(
    configuration: CheckConfiguration, password: String?, reporter: any CheckReporter, logger: Logger,
    eventLoop: any EventLoop, client: XMPPClient? = nil
  ) {
    self.configuration = configuration
    self.password = password
    self.reporter = reporter
    self.logger = logger
    self.eventLoop = eventLoop
    self.client = client
  }

  /// Together with the resolver's 3 s below 30 s: that of a login, and the 5 s of a service discovery.
  private static let probing = TimeAmount.seconds(13)

  /// nil: it was cancelled.
  package func run() async throws(StreamError) -> CheckVerdict? {
    guard let findings = try await findings() else { return nil }
    let verdict = CheckVerdict(findings)
    reporter.report(verdict, time: .now() - startedAt)
    return verdict
  }

  /// nil: it was cancelled.
  func findings() async throws(StreamError) -> CheckFindings? {
    var findings = CheckFindings()
    findings.isRelayOnly = configuration.icePolicy == .relay
    findings.hasRoute = reportInterfaces()
    let services = try await discover()
    let plan = CheckPlan(stun: configuration.stunServers, turn: configuration.turnServers, services: services)
    let addresses = await resolve(plan)
    findings.unresolved = plan.hosts.filter { addresses[$0]?.isEmpty != false }
    let servers = plan.servers(addresses)
    findings.isSTUNNamed = servers.contains { $0.answersBinding && $0.isOffered }
    let probes = CheckProbes(
      isRelayOnly: findings.isRelayOnly, relaxed: configuration.relaxedTURN, caFile: configuration.caFile,
      lifetimes: CredentialLifetimes(services), reporter: reporter, eventLoop: eventLoop, end: .now() + Self.probing)
    await probes.run(servers, into: &findings)
    guard !Task.isCancelled else { return nil }
    findings.call = try await call()
    return Task.isCancelled ? nil : findings
  }

  /// Whether there is a default route of either family.
  private func reportInterfaces() -> Bool {
    let started = NIODeadline.now()
    let routes = Route.documentation.compactMap { try? SocketAddress(ipAddress: $0, port: 9) }.map {
      destination -> InterfacesEvent.DefaultRoute in
      do throws(Route.Failure) {
        let source = try Route.source(to: destination).ipAddress
        return .init(family: destination.familyName, source: source, error: nil)
      } catch {
        return .init(family: destination.familyName, source: nil, error: error.reason)
      }
    }
    let addresses = HostInterfaces.offered.filter { !HostInterfaces.isLoopback($0.address) }.map {
      InterfacesEvent.Address(name: $0.interfaceName, address: $0.address.ipAddress ?? "")
    }
    reporter.report(
      InterfacesEvent(addresses: addresses, routes: routes, time: (NIODeadline.now() - started).seconds))
    return routes.contains { $0.source != nil }
  }

  private func call() async throws(StreamError) -> CheckFindings.Call? {
    guard let account = configuration.account, let password, let peer = configuration.peer else { return nil }
    return try await CheckCall(
      configuration: configuration, account: account, peer: peer, reporter: reporter, logger: logger
    ).run(password: password)
  }

  // MARK: Services

  private func discover() async throws(StreamError) -> [ExternalService] {
    var services: [ExternalService] = []
    var started = NIODeadline.now()
    if let client {
      services = await client.externalServices()
    } else if let account = configuration.account, let password {
      let client: XMPPClient
      do throws(XMPPClientError) {
        client = try await LoginAttempt(.init(account, password: password), on: eventLoop, logger: logger).run()
      } catch {
        throw .account(error)
      }
      reporter.report(LoginEvent(jid: "\(client.jid)", time: (NIODeadline.now() - started).seconds))
      started = .now()
      services = await client.externalServices()
      // Nothing more is wanted of it; the stream's goodbye need not be waited for.
      Task { await client.close() }
    }
    reporter.report(
      ServicesEvent(
        services: named + services.prefix(2 * ICEServerList.limit).map(ServicesEvent.Service.init),
        time: (NIODeadline.now() - started).seconds))
    return services
  }

  private var named: [ServicesEvent.Service] {
    let urls = configuration.stunServers.map(\.description) + configuration.turnServers.map(\.uri.description)
    return urls.map { .init(url: $0, source: "option") }
  }

  // MARK: DNS

  private func resolve(_ plan: CheckPlan) async -> [String: [SocketAddress]] {
    let started = NIODeadline.now()
    return await withTaskGroup(of: (String, [SocketAddress]).self) { [reporter, eventLoop] group in
      for host in plan.hosts {
        group.addTask {
          let addresses = await HostResolver(on: eventLoop).addresses(of: host, port: 0)
          let isLiteral = (try? SocketAddress(ipAddress: host, port: 0)) != nil
          if !isLiteral {
            reporter.report(
              ResolutionEvent(
                host: PrintableText.from(host, limit: 160), addresses: addresses.compactMap(\.ipAddress),
                time: (NIODeadline.now() - started).seconds))
          }
          return (host, addresses)
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }
}

extension ServicesEvent.Service {
  init(_ service: ExternalService) {
    let address = HostPort.text(host: service.host, port: service.port.map { Int($0) })
    let transport = service.transport.map { "?transport=\($0)" } ?? ""
    url = PrintableText.from("\(service.type):\(address)\(transport)", limit: 160)
    source = "xmpp"
    expires = service.expires.map { PrintableText.from($0, limit: 40) }
    expiresIn = service.expiresAt.map { $0 - WallClock.secondsSince1970 }
  }
}
