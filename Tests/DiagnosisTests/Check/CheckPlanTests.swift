import ICE
import NIOCore
import TestSupport
import Testing
import XMPP

@testable import Diagnosis
@testable import Settings
@testable import Streamer

@Suite("Which servers a check asks")
struct CheckPlanTests {
  private static let address = ICEServerSample.address(1)

  private static func plan(
    stun: [String] = [], turn: [String] = [], services: [ExternalService] = []
  ) throws -> CheckPlan {
    CheckPlan(
      stun: try stun.map { try STUNURI(parsing: $0) },
      turn: try turn.map {
        TURNServer(
          uri: try TURNURI(parsing: $0), credentials: TURNCredentials(username: "mine", password: "secret"))
      },
      services: services)
  }

  @Test("a TURN server is asked over the transports that nobody names too, and these are known as such")
  func otherTransports() throws {
    let plan = try Self.plan(turn: ["turn:a.test:4000"])
    #expect(
      plan.entries.map(\.server.url) == ["turn:a.test:4000", "turn:a.test:4000?transport=tcp", "turns:a.test:5349"])
    #expect(plan.entries.map(\.isOffered) == [true, false, false])
    let secure = try Self.plan(turn: ["turns:A.test:443", "turn:a.test?transport=tcp"])
    #expect(secure.entries.filter { !$0.isOffered }.map(\.server.url) == ["turn:A.test:3478"])
  }

  @Test("STUN servers of the user's come first, and every host is resolved once")
  func hosts() throws {
    let plan = try Self.plan(
      stun: ["stun:s.test"], turn: ["turn:a.test"], services: [ICEServerSample.service("stun", "a.test")])
    #expect(plan.hosts == ["s.test", "a.test"])
    let servers = plan.servers(["s.test": [Self.address], "a.test": []])
    #expect(servers.map(\.ice.url) == ["stun:s.test:3478"])
    #expect(servers.first?.ice.address == Self.address)
  }

  @Test("whatever a server tells, there is a bound")
  func bound() throws {
    let services = (0..<500).map { ICEServerSample.service("turn", "host\($0).test") }
    let plan = try Self.plan(services: services)
    #expect(plan.hosts.count <= ICEServerList.limit)
    let addresses = Dictionary(uniqueKeysWithValues: plan.hosts.map { ($0, (1...4).map(ICEServerSample.address)) })
    #expect(plan.servers(addresses).count <= CheckPlan.addressLimit)
    #expect(!plan.servers(addresses).prefix(ICEServerList.limit).contains { !$0.isOffered })
  }

  @Test("Binding requests go to the UDP ports that are named, and to others only for want of such")
  func bindingServers() throws {
    let plan = try Self.plan(stun: ["stun:s.test"], turn: ["turns:a.test"])
    let servers = plan.servers(["s.test": [Self.address], "a.test": [ICEServerSample.address(2)]])
    #expect(CheckPlan.bindingServers(servers, family: .inet).map(\.ice.url) == ["stun:s.test:3478"])
    #expect(CheckPlan.bindingServers(servers, family: .inet6).isEmpty)
    let relays = servers.filter(\.isRelay)
    #expect(CheckPlan.bindingServers(relays, family: .inet).map(\.ice.url) == ["turn:a.test:3478"])
  }

  @Test("300 is followed to another address of the same family, with the certificate's name where one is told")
  func redirected() throws {
    let server = try #require(try Self.plan(turn: ["turns:a.test"]).servers(["a.test": [Self.address]]).first)
    let other = ICEServerSample.address(2)
    func alternate(_ address: SocketAddress?, _ domain: String? = nil) -> CheckServer? {
      CheckProbes.alternate(to: server, AllocationFinding(error: .redirected(to: address, domain: domain)))
    }
    #expect(alternate(other)?.ice.address == other && alternate(other)?.ice.name == "a.test")
    #expect(alternate(other, "b.test")?.ice.name == "b.test")
    #expect(alternate(server.ice.address) == nil && alternate(nil) == nil)
    let ipv6 = try SocketAddress(ipAddress: "2001:db8::1", port: 3478)
    #expect(alternate(ipv6) == nil)
    #expect(CheckProbes.alternate(to: server, AllocationFinding(error: .timeout)) == nil)
  }

  @Test("STUN URIs are those of RFC 7064")
  func uris() throws {
    #expect(try STUNURI(parsing: "STUN:a.test").description == "stun:a.test:3478")
    #expect(try STUNURI(parsing: "stun:[2001:db8::1]:4000").description == "stun:[2001:db8::1]:4000")
    #expect(try STUNURI(parsing: "stun:2001:db8::1").description == "stun:[2001:db8::1]:3478")
    for text in ["stun", "turn:a.test", "stuns:a.test", "stun:", "stun:a.test:0", "stun:a b", "stun:u@a.test"] {
      #expect(throws: SettingError.self, "\(text)") { try STUNURI(parsing: text) }
    }
  }

  @Test("when credentials lapsed is told by XEP-0215 or by their name")
  func lifetimes() throws {
    let lifetimes = CredentialLifetimes([])
    func expired(_ username: String) -> Int64? {
      lifetimes.expiredFor(TURNCredentials(username: username, password: ""), now: 1_700_000_100)
    }
    #expect(expired("1700000000:cam") == 100 && expired("1700000000") == 100)
    #expect(expired("1700000200:cam") == nil && expired("cam") == nil && expired("17000:cam") == nil)
  }

  @Test("a service at an address of IPv6, in brackets or without, is told of with brackets")
  func literals() {
    for host in ["2001:db8::1", "[2001:db8::1]"] {
      let service = ICEServerSample.service("turn", host)
      #expect(ServicesEvent.Service(service).url == "turn:[2001:db8::1]:3478?transport=udp")
    }
  }
}
