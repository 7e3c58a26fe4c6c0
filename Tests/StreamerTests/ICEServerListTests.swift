import Dispatch
import ICE
import Logging
import NIOConcurrencyHelpers
import NIOCore
import TestSupport
import Testing
import XMPP

@testable import Network
@testable import Settings
@testable import Streamer

// One at a time: some hold all of the resolver's threads.
@Suite("The STUN and TURN servers of a call", .serialized)
struct ICEServerListTests {
  private static func turn(_ uri: String, username: String = "mine") throws -> TURNServer {
    .init(uri: try TURNURI(parsing: uri), credentials: TURNCredentials(username: username, password: "secret"))
  }

  private static func entry(_ host: String, isNamedByUser: Bool = false) -> ICEServerList.Entry {
    .init(host: host, port: 3478, kind: .stun, url: "stun:\(host):3478", isNamedByUser: isNamedByUser)
  }

  /// Keeps what is logged.
  struct Recorder: LogHandler {
    let lines: NIOLockedValueBox<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.withLockedValue { $0.append("\(event.level) \(event.message)") }
    }
  }

  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @Test("what is not spoken takes no place: other transports, other services, TURN without credentials")
  func kinds() throws {
    let services = [
      ICEServerSample.service("stun", "a.test", transport: "tcp"), ICEServerSample.service("turns", "b.test"),
      ICEServerSample.service("turn", "c.test", username: nil), ICEServerSample.service("ftp", "d.test"),
      ICEServerSample.service("stun", "e.test"),
      ICEServerSample.service("turn", "f.test", transport: nil),
    ]
    let entries = ICEServerList.entries(of: [], services)
    #expect(entries.map(\.url) == ["stun:e.test:3478", "turn:f.test:3478"])
    #expect(entries.allSatisfy { !$0.isNamedByUser })
  }

  @Test("TURN over UDP, TCP and TLS are three services, of which each has its URI and default port")
  func transports() async throws {
    let services = [
      ICEServerSample.service("turn", "a.test"), ICEServerSample.service("turn", "a.test", transport: "tcp"),
      ICEServerSample.service("turns", "a.test", transport: "tcp", port: nil),
    ]
    let entries = ICEServerList.entries(of: [], services)
    #expect(entries.map(\.url) == ["turn:a.test:3478", "turn:a.test:3478?transport=tcp", "turns:a.test:5349"])
    #expect(entries.map(\.relayProtocol) == [.udp, .tcp, .tls])
    let servers = await ICEServerList.resolve(
      entries, by: HostResolver { _, _ in [ICEServerSample.address(1)] }, logger: Self.silent)
    #expect(servers.map(\.relayProtocol) == [.udp, .tcp, .tls])
    #expect(servers.map(\.name) == ["a.test", "a.test", "a.test"])
  }

  @Test("a transport may be absent, empty or the name of TLS, in whatever case")
  func spellings() throws {
    func relays(_ type: String, _ transport: String?) throws -> [RelayProtocol] {
      ICEServerList.entries(of: [], [ICEServerSample.service(type, "a.test", transport: transport)]).map(
        \.relayProtocol)
    }
    for transport in [nil, "", "UDP", " udp "] { #expect(try relays("Turn", transport) == [.udp]) }
    #expect(try relays("turn", "TCP") == [.tcp])
    for transport in ["tls", "TLS"] { #expect(try relays("turn", transport) == [.tls]) }
    for transport in [nil, "", "tcp", "TLS"] { #expect(try relays("TURNS", transport) == [.tls]) }
    #expect(try relays("turns", "udp").isEmpty && relays("turn", "sctp").isEmpty && relays("stun", "tls").isEmpty)
  }

  @Test("an address of IPv6, in brackets or without, is in brackets in a URL and nowhere else")
  func literals() throws {
    for host in ["2001:db8::1", "[2001:db8::1]"] {
      let services = [
        ICEServerSample.service("stun", host), ICEServerSample.service("turn", host),
        ICEServerSample.service("turns", host, transport: "tcp"),
      ]
      let entries = ICEServerList.entries(of: [], services)
      #expect(Set(entries.map(\.host)) == ["2001:db8::1"])
      #expect(
        entries.map(\.url) == [
          "stun:[2001:db8::1]:3478", "turn:[2001:db8::1]:3478", "turns:[2001:db8::1]:3478",
        ])
    }
  }

  @Test("a name with the root's dot is the name without it")
  func rootDot() throws {
    let services = [ICEServerSample.service("turn", "a.test."), ICEServerSample.service("turn", "a.test")]
    #expect(ICEServerList.entries(of: [], services).map(\.host) == ["a.test"])
    #expect(ICEServerList.entries(of: [try Self.turn("turn:a.test.")], services).map(\.url) == ["turn:a.test:3478"])
  }

  @Test("turns without credentials borrows those of turn on the same host, and of no other")
  func borrowedCredentials() throws {
    let services = [
      ICEServerSample.service("turn", "a.test", username: "other"),
      ICEServerSample.service("turn", "b.test", username: "own"),
      ICEServerSample.service("turns", "B.test", transport: "tcp", username: nil),
      ICEServerSample.service("turns", "c.test", transport: "tcp", username: nil),
    ]
    let entries = ICEServerList.entries(of: [], services)
    #expect(entries.map(\.host) == ["a.test", "b.test", "B.test"])
    #expect(entries.last?.kind == .turn(TURNCredentials(username: "own", password: "p")))
  }

  @Test("a server is asked once for each thing it does, with the user's credentials where there are any")
  func duplicates() throws {
    let services = [
      ICEServerSample.service("turn", "A.test"), ICEServerSample.service("stun", "a.test"),
      ICEServerSample.service("stun", "a.test"),
    ]
    let entries = ICEServerList.entries(of: [try Self.turn("turn:a.test")], services)
    #expect(entries.map(\.url) == ["turn:a.test:3478", "stun:a.test:3478"])
    #expect(entries.first?.kind == .turn(TURNCredentials(username: "mine", password: "secret")))
    #expect(entries.map(\.isNamedByUser) == [true, false])
  }

  @Test("credentials are asked for anew five minutes before the first of them lapse, or at half of a short life")
  func expiry() throws {
    var services = [ICEServerSample.service("stun", "a.test"), ICEServerSample.service("turn", "b.test")]
    func renewal(_ expiries: [String?], now: Int64 = 1_767_225_600) -> TimeAmount? {
      for (index, expiry) in expiries.enumerated() { services[index].expires = expiry }
      return ICEServerList(
        servers: [], lifetime: ICEServerList.lifetime(of: services, secondsSince1970: now)
      ).renewal
    }
    #expect(renewal([nil, nil]) == nil)
    #expect(renewal(["2026-01-03T00:00:00Z", "2026-01-02T00:00:00Z"]) == .hours(24) - .minutes(5))
    #expect(renewal([nil, "2026-01-01T00:04:00Z"]) == .minutes(2))
    #expect(renewal([nil, "2026-01-01T00:00:01Z"]) == .seconds(30))
    // By a clock that is ahead they have lapsed: it says nothing of when they will.
    #expect(renewal([nil, "2026-01-01T00:00:00Z"]) == nil)
    #expect(renewal([nil, "soon"]) == nil)
    #expect(renewal([nil, "2026-01-01 00:04:00"]) == .minutes(2))
    #expect(renewal([nil, "9999-12-31T23:59:59Z"]) == .hours(24 * 30) - .minutes(5))
  }

  @Test("a server of a thousand services gets eight of them, after the user's")
  func limit() throws {
    let services = (0..<1000).map { ICEServerSample.service("stun", "\($0).test") }
    let entries = ICEServerList.entries(of: [try Self.turn("turn:mine.test")], services)
    #expect(entries.map(\.host) == ["mine.test"] + (0..<7).map { "\($0).test" })
  }

  @Test("a service's name cannot command the terminal")
  func hostileName() throws {
    let entries = ICEServerList.entries(of: [], [ICEServerSample.service("stun", "a\u{9B}2J\n.test")])
    #expect(entries.map(\.url) == ["stun:a2J .test:3478"])
  }

  @Test("all names are looked up at once", .timeLimit(.minutes(1)))
  func atOnce() async {
    let entries = (0..<ICEServerList.limit).map { Self.entry("\($0).test") }
    let begun = NIOLockedValueBox(0)
    let all = DispatchSemaphore(value: 0)
    // None is answered before all have been asked.
    let resolver = HostResolver(timeout: .seconds(30)) { host, _ in
      let isLast = begun.withLockedValue { count in
        count += 1
        return count == entries.count
      }
      if isLast { for _ in entries { all.signal() } }
      all.wait()
      return host.first?.wholeNumberValue.map { [ICEServerSample.address($0)] } ?? []
    }
    let servers = await ICEServerList.resolve(entries, by: resolver, logger: Self.silent)
    #expect(servers.map(\.address) == (0..<ICEServerList.limit).map(ICEServerSample.address))
  }

  @Test("a name that is not answered holds up nothing beyond the timeout, and is told of", .timeLimit(.minutes(1)))
  func timeout() async {
    let release = DispatchSemaphore(value: 0)
    defer { release.signal() }
    let resolver = HostResolver(timeout: .seconds(1)) { host, _ in
      if host == "stuck.test" { release.wait() }
      return host == "good.test" ? [ICEServerSample.address(1)] : []
    }
    let lines = NIOLockedValueBox<[String]>([])
    let servers = await ICEServerList.resolve(
      [Self.entry("stuck.test", isNamedByUser: true), Self.entry("good.test"), Self.entry("none.test")], by: resolver,
      logger: Logger(label: "test") { _ in Recorder(lines: lines) })
    #expect(
      servers == [
        ICEServer(kind: .stun, address: ICEServerSample.address(1), name: "good.test", url: "stun:good.test:3478")
      ])
    #expect(
      lines.withLockedValue { $0 } == [
        "warning stun:stuck.test:3478: the name cannot be resolved",
        "notice stun:none.test:3478: the name cannot be resolved",
      ])
  }

  @Test("a name of many addresses does not crowd out the servers behind it")
  func fairness() async {
    let resolver = HostResolver { host, _ in
      host == "many.test" ? (1...4).map(ICEServerSample.address) : [ICEServerSample.address(9)]
    }
    let entries = [Self.entry("many.test")] + (0..<6).map { Self.entry("\($0).test") }
    let servers = await ICEServerList.resolve(entries, by: resolver, logger: Self.silent)
    #expect(servers.map(\.address) == [1, 9, 9, 9, 9, 9, 9, 2, 3, 4].map(ICEServerSample.address))
  }

  @Test("servers of ten addresses each are tried at so many of them as are good for a call")
  func manyAddresses() async {
    let resolver = HostResolver { _, _ in (1...10).map(ICEServerSample.address) }
    #expect(await resolver.addresses(of: "many.test", port: 3478).count == HostResolver.limit)
    let entries = (0..<ICEServerList.limit).map { Self.entry("\($0).test") }
    #expect(
      await ICEServerList.resolve(entries, by: resolver, logger: Self.silent).count == ICEServerList.addressLimit)
  }

  @Test("finds an address literal, and nothing for what is no name")
  func system() async {
    let resolver = HostResolver()
    #expect(await resolver.addresses(of: "192.0.2.7", port: 3478) == [ICEServerSample.address(7)])
    #expect(await resolver.addresses(of: "no name at all", port: 3478).isEmpty)
  }
}
