import Foundation
import Logging
import NIOCore
import NIOPosix
import Network
import Testing
import XMPP

@testable import Account

@Suite("XMPP client against a real Prosody", .enabled(if: ProsodyServer.isInstalled), .serialized)
struct XMPPClientTests {
  static let loop = MultiThreadedEventLoopGroup.singleton.next()
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  func configuration(
    _ server: ProsodyServer, user: String = "cam", password: String = ProsodyServer.password, direct: Bool = false
  ) throws -> XMPPClient.Configuration {
    var configuration = XMPPClient.Configuration(
      jid: try JID("\(user)@\(ProsodyServer.domain)"), password: password,
      server: ("127.0.0.1", direct ? server.directPort : server.port), caFile: server.caFile)
    configuration.scramAccounts = SCRAMAccounts(directory: nil)
    return configuration
  }

  func connect(_ configuration: XMPPClient.Configuration) async throws -> XMPPClient {
    try await XMPPClient.connect(configuration, on: Self.loop, logger: Self.logger)
  }

  func failure(_ configuration: XMPPClient.Configuration) async -> XMPPClientError? {
    do throws(XMPPClientError) {
      let client = try await XMPPClient.connect(configuration, on: Self.loop, logger: Self.logger)
      await client.close()
      return nil
    } catch {
      return error
    }
  }

  @Test("two accounts meet: bound JIDs, ping, disco, a message, TURN credentials, an orderly end")
  func twoAccounts() async throws {
    let server = try await ProsodyServer(users: ["cam", "ann"])
    defer { server.stop() }
    let cam = try await connect(configuration(server))
    let ann = try await connect(configuration(server, user: "ann"))
    #expect(cam.jid.bare.description == "cam@xmpp.test")
    #expect(cam.jid.resource?.hasPrefix("jinglecam.") == true)

    let ping = XMLElement.iq(.get, id: "", to: ann.jid, XMLElement("ping", namespace: Ping.namespace))
    #expect(try await cam.request(ping).from == ann.jid)
    let query = XMLElement("query", namespace: ServiceDiscovery.infoNamespace)
    let info = try await cam.request(.iq(.get, id: "", to: ann.jid, query))
    let features = info.first("query", ServiceDiscovery.infoNamespace)?.elements.compactMap { $0["var"] } ?? []
    #expect(Set(features).isSuperset(of: XMPPClient.callFeatures))
    // A call to who does not know it may go without BUNDLE.
    #expect(features.contains("urn:xmpp:jingle:apps:grouping:0"))

    var message = XMLElement("message", namespace: Namespace.client, attributes: ["type": "chat", "id": "m1"])
    message["to"] = ann.jid.description
    message.append(XMLElement("body", namespace: Namespace.client, children: [.text("<&> \u{1F600}")]))
    cam.send(message)
    for await stanza in ann.stanzas where stanza.name == "message" {
      #expect(stanza.from == cam.jid)
      #expect(stanza.first("body", Namespace.client)?.text == "<&> \u{1F600}")
      break
    }

    let services = await cam.externalServices()
    #expect(services.map(\.type).sorted() == ["stun", "turn"])
    #expect(services.first { $0.type == "turn" }?.username?.isEmpty == false)

    await cam.close()
    #expect(await cam.closed() == nil)
    let error = await #expect(throws: XMPPRequestError.self) { try await cam.request(ping) }
    #expect(error == .closed)
    await ann.close()
  }

  @Test("an account is created and logs in on one stream; the name is taken then, and free again once it is removed")
  func registration() async throws {
    let server = try await ProsodyServer(
      users: [], hostOptions: #"modules_enabled = { "register_ibr", "user_account_management" }"#)
    defer { server.stop() }
    var creation = try configuration(server, password: "made-up")
    creation.registration = .init(token: nil)
    let client = try await connect(creation)
    #expect(client.jid.bare.description == "cam@xmpp.test")
    let taken = await failure(creation)
    #expect(taken?.isNameTaken == true && taken?.hasRegistered == false)
    #expect(taken?.description == "cam@xmpp.test is taken: choose another name")
    _ = try? await client.request(AccountRegistration.removal)
    await client.close()
    let again = try await connect(creation)
    await again.close()
  }

  @Test("a server that creates no accounts, or takes no invitations, says so in a line")
  func noRegistration() async throws {
    let server = try await ProsodyServer(users: [])
    defer { server.stop() }
    var creation = try configuration(server)
    for (token, text) in [(nil, "does not let clients create accounts"), ("token", "does not take invitations")] {
      creation.registration = .init(token: token)
      let error = await failure(creation)
      #expect(error?.kind == .registration && error?.description.contains(text) == true)
    }
  }

  @Test("credentials that the server tells only when asked for them are asked for")
  func restrictedServices() async throws {
    let module = """
      module:hook("external_service/credentials", function(event)
        for _, service in ipairs(event.services) do
          if not service.username then service.username, service.password = service.host, "secret" end
        end
      end)
      """
    let options = """
      modules_enabled = { "credentials_when_asked" }
      external_services = {
        { type = "stun", transport = "udp", host = "a.test", port = 3478 };
        { type = "turn", transport = "udp", host = "a.test", port = 3478, restricted = true };
        { type = "turn", transport = "tcp", host = "a.test", port = 3478, restricted = true };
        { type = "turns", transport = "tcp", host = "b.test.", port = 5349, restricted = true };
      }
      """
    let server = try await ProsodyServer(
      users: ["cam"], hostOptions: options, modules: ["credentials_when_asked": module])
    defer { server.stop() }
    let cam = try await connect(configuration(server))
    let services = await cam.externalServices()
    #expect(services.map(\.username) == [nil, "a.test", "a.test", "b.test."])
    #expect(services.map(\.type) == ["stun", "turn", "turn", "turns"])
    #expect(services.map(\.host) == ["a.test", "a.test", "a.test", "b.test"])
    await cam.close()
  }

  @Test("a request that nobody takes is refused, and one without an answer times out")
  func refusal() async throws {
    let server = try await ProsodyServer(users: ["cam", "ann"])
    defer { server.stop() }
    let cam = try await connect(configuration(server))
    let ann = try await connect(configuration(server, user: "ann"))
    let odd = XMLElement.iq(.set, id: "", to: ann.jid, XMLElement("odd", namespace: "urn:odd"))
    async let refused = cam.request(odd)
    for await stanza in ann.stanzas where stanza.isRequest {
      ann.refuse(stanza)
      break
    }
    do {
      _ = try await refused
      Issue.record("expected an error")
    } catch {
      #expect(error as? XMPPRequestError == .stanza(StanzaError(.cancel, .serviceUnavailable)))
    }
    let late = await #expect(throws: XMPPRequestError.self) {
      try await cam.request(odd, timeout: .milliseconds(20))
    }
    #expect(late == .timedOut)
    await cam.close()
    await ann.close()
  }

  @Test("a quiet login that is seen by others is within reach at once")
  func quietLoginIsReachable() async throws {
    let server = try await ProsodyServer(
      users: ["cam"], hostOptions: "modules_enabled = { \"caller\" }",
      modules: [
        "caller": """
        local bare = require "util.jid".bare;
        local st = require "util.stanza";
        module:hook("presence/initial", function (event)
          local cam = bare(event.origin.full_jid);
          local function call(text)
            module:send(st.message({ type = "chat", from = module.host, to = cam }, text));
          end
          module:add_timer(0, function () call("as soon as seen"); end);
          module:add_timer(0.5, function () call("later"); end);
        end);
        """
      ])
    defer { server.stop() }
    var configuration = try configuration(server)
    configuration.session.quiet = QuietLogin(requests: [:])
    let cam = try await connect(configuration)
    var heard: [String] = []
    for await stanza in cam.stanzas where stanza.name == "message" {
      heard.append(stanza.first("body", Namespace.client)?.text ?? "")
      if heard.last == "later" { break }
    }
    #expect(heard == ["as soon as seen", "later"])
    await cam.close()
  }

  @Test("a wrong password and an unknown account are 77, an unknown CA is 76 and names --ca-file")
  func refusals() async throws {
    let server = try await ProsodyServer(users: ["cam"])
    defer { server.stop() }
    let wrong = try await #require(failure(configuration(server, password: "guess")))
    #expect(wrong.kind == .credentials)
    #expect(wrong.description.contains("cam@xmpp.test"))
    #expect(try await failure(configuration(server, user: "nobody"))?.kind == .credentials)

    var untrusting = try configuration(server)
    untrusting.caFile = nil
    let untrusted = try #require(await failure(untrusting))
    #expect(untrusted.kind == .protocolViolation && untrusted.description.contains("is not trusted"))
    #expect(untrusted.description.contains("--ca-file"))
    #expect(!untrusted.description.contains("\n"))

    untrusting.caFile = server.directory + "/nothing.pem"
    #expect(await failure(untrusting)?.kind == .unreadableFile)

    var elsewhere = try configuration(server)
    elsewhere.jid = try JID("cam@elsewhere.test")
    let unserved = try #require(await failure(elsewhere))
    #expect(!unserved.description.isEmpty && [.protocolViolation, .configuration].contains(unserved.kind))
  }

  @Test("the certificate must be for the JID's domain, whatever host was connected to")
  func certificateName() async throws {
    // The certificate is good for the host that `server` names, and for its IP address.
    let server = try await ProsodyServer(
      users: ["cam"], hostOptions: ProsodyServer.explicitCertificate, certificateName: "localhost")
    defer { server.stop() }
    var configuration = try configuration(server)
    configuration.server?.host = "localhost"
    let error = try #require(await failure(configuration))
    #expect(error.kind == .protocolViolation && error.description.contains("it is for another name, localhost"))
  }

  @Test("a server that ends says why, and the stanzas end")
  func serverStops() async throws {
    let server = try await ProsodyServer(users: ["cam"])
    defer { server.stop() }
    let cam = try await connect(configuration(server))
    server.stop()
    for await _ in cam.stanzas {}
    let error = try #require(await cam.closed())
    #expect([.unreachable, .temporary].contains(error.kind))
  }

  @Test(
    "authenticates by direct TLS (XEP-0368) and with what an older server has",
    arguments: [
      "password_hash = \"SHA-256\"", "password_hash = \"SHA-1\"",
      "disable_sasl_mechanisms = { \"SCRAM-SHA-1\", \"SCRAM-SHA-1-PLUS\" }",
    ])
  func mechanisms(hostOptions: String) async throws {
    let server = try await ProsodyServer(users: ["cam"], hostOptions: hostOptions)
    defer { server.stop() }
    let target = ConnectionTarget(host: "127.0.0.1", port: server.directPort, isDirectTLS: true)
    let client = try await XMPPClient.connect(
      configuration(server, direct: true), to: target, on: Self.loop, logger: Self.logger)
    #expect(client.jid.domain == ProsodyServer.domain)
    await client.close()
  }

  @Test("gives no password to a server that offers PLAIN alone, where it had SCRAM before")
  func scramWithdrawn() async throws {
    let accounts = SCRAMAccounts(directory: nil)
    let first = try await ProsodyServer(users: ["cam"])
    defer { first.stop() }
    var configuration = try configuration(first)
    configuration.scramAccounts = accounts
    #expect(await failure(configuration) == nil)
    let second = try await ProsodyServer(
      users: ["cam"], hostOptions: "disable_sasl_mechanisms = { \"SCRAM-SHA-1\", \"SCRAM-SHA-1-PLUS\" }")
    defer { second.stop() }
    configuration = try self.configuration(second)
    #expect(await failure(configuration) == nil)
    configuration.scramAccounts = accounts
    let error = try #require(await failure(configuration))
    #expect(
      error.kind == .protocolViolation && error.description.contains("PLAIN")
        && error.description.hasSuffix("restart jinglecam"))
  }

  @Test("nobody there is 69, and says where it looked")
  func unreachable() async throws {
    // Port 9 of loopback: nothing listens there.
    let error = await failure(
      XMPPClient.Configuration(jid: try JID("cam@xmpp.test"), password: "x", server: ("127.0.0.1", 9)))
    #expect(error?.kind == .unreachable)
    #expect(error?.description.contains("127.0.0.1:9") == true)
  }
}
