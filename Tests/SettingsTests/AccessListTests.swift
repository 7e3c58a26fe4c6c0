import Testing
import XMPP

@testable import Settings

@Suite struct AccessListTests {
  private func list(_ entries: (String, AccessList.Role)...) throws -> AccessList {
    var list = AccessList()
    for (jid, role) in entries { list.allow(try JID(jid), as: role) }
    return list
  }

  @Test("nobody is allowed by default")
  func empty() throws {
    let list = AccessList()
    #expect(list.isEmpty)
    #expect(list.role(of: try JID("ann@example.net/phone")) == nil)
  }

  @Test("a person is allowed on every device, and nobody else of that server")
  func person() throws {
    let list = try list(("ann@example.net", .viewer))
    #expect(list.role(of: try JID("ann@example.net/phone")) == .viewer)
    #expect(list.role(of: try JID("ann@example.net")) == .viewer)
    for stranger in ["bob@example.net/phone", "example.net", "ann@example.org", "ann@sub.example.net"] {
      #expect(list.role(of: try JID(stranger)) == nil, "\(stranger)")
    }
  }

  @Test("an entry with a resource is for the person, not for one device")
  func resource() throws {
    let list = try list(("ann@example.net/desk", .viewer))
    #expect(list.role(of: try JID("ann@example.net/phone")) == .viewer)
  }

  @Test("an internationalized domain is the same in both spellings")
  func internationalized() throws {
    for spelled in ["b\u{FC}cher.example", "xn--bcher-kva.example"] {
      let list = try list(("ann@\(spelled)", .admin), (spelled, .viewer))
      for from in ["b\u{FC}cher.example", "xn--bcher-kva.example"] {
        #expect(list.role(of: try JID("ann@\(from)/phone")) == .admin)
        #expect(list.role(of: try JID("bob@\(from)/phone")) == .viewer)
      }
      #expect(list.role(of: try JID("ann@bucher.example/phone")) == nil)
    }
  }

  @Test("a domain is everybody there, but not its subdomains, nor one that ends like it")
  func domain() throws {
    let list = try list(("example.net", .viewer))
    #expect(list.role(of: try JID("ann@example.net/phone")) == .viewer)
    for stranger in ["ann@chat.example.net", "ann@badexample.net", "ann@example.net.evil.org"] {
      #expect(list.role(of: try JID(stranger)) == nil, "\(stranger)")
    }
  }

  @Test("who is spelled otherwise is the same person (RFC 7622)")
  func spelling() throws {
    let list = try list(("Ann@Example.NET", .viewer))
    #expect(list.role(of: try JID("ann@example.net/phone")) == .viewer)
  }

  @Test("what is said of a person goes before what is said of the domain")
  func personBeforeDomain() throws {
    let list = try list(("example.net", .admin), ("ann@example.net", .viewer))
    #expect(list.role(of: try JID("ann@example.net/phone")) == .viewer)
    #expect(list.role(of: try JID("bob@example.net/phone")) == .admin)
  }

  @Test("whoever is named twice has the greater role, in whatever order", arguments: [false, true])
  func twice(_ isAdminFirst: Bool) throws {
    let roles: [AccessList.Role] = isAdminFirst ? [.admin, .viewer] : [.viewer, .admin]
    let list = try list(("ann@example.net", roles[0]), ("ann@example.net", roles[1]))
    #expect(list.role(of: try JID("ann@example.net")) == .admin)
  }

  @Test("only persons are asked for their presence, no domains")
  func people() throws {
    let list = try list(("example.org", .viewer), ("bob@example.net", .admin), ("ann@example.net", .viewer))
    #expect(list.people.map(\.description) == ["ann@example.net", "bob@example.net"])
  }

  @Test("in words it names people and domains, who is an admin, and at most eight of them")
  func words() throws {
    let few = try list(("example.org", .viewer), ("bob@example.net", .admin), ("ann@example.net", .viewer))
    #expect(few.description == "ann@example.net, bob@example.net (admin), everybody at example.org")
    var many = AccessList()
    for number in 1...9 { many.allow(try JID("a\(number)@example.net"), as: .viewer) }
    #expect(many.description.hasSuffix("a8@example.net and 1 more"))
  }

  @Test("who is allowed by chat is added, and overrules nothing that the list says")
  func extended() throws {
    let list = try list(("ann@example.net", .viewer), ("eve@example.net", .admin), ("example.org", .admin))
    let extended = list.extended(by: [
      try JID("ann@example.net"): .admin, try JID("eve@example.net"): .viewer, try JID("bob@example.net"): .viewer,
      try JID("joe@example.org"): .viewer, try JID("sue@example.net"): .admin,
    ])
    let roles = try ["ann", "eve", "bob", "sue", "tim"].map { extended.role(of: try JID("\($0)@example.net/x")) }
    #expect(roles == [.viewer, .admin, .viewer, .admin, nil])
    #expect(extended.role(of: try JID("joe@example.org")) == .admin)
    #expect(list.names(try JID("ann@example.net/x")))
    #expect(!list.names(try JID("joe@example.org")))
    #expect(AccessList().description == "nobody yet")
  }
}
