import Testing

@testable import Server

@Suite("What an admin writes to let somebody watch")
struct PermissionRequestTests {
  @Test(
    "is a command and an address",
    arguments: [
      ("allow ann@example.net", .allow, "ann@example.net"), ("Allow  xmpp:ann@example.net", .allow, "ann@example.net"),
      ("/allow ann@example.net.", .allow, "ann@example.net"), ("please forbid ann@b.c!", .forbid, "ann@b.c"),
      ("REMOVE Ann@b.c please", .forbid, "Ann@b.c"), ("allow ann", .allow, "ann"),
    ] as [(String, CameraCommand, String)])
  func understood(text: String, command: CameraCommand, person: String) {
    let request = PermissionRequest(spoken: text)
    #expect(request?.command == command && request?.person == person)
  }

  @Test(
    "is nothing else",
    arguments: [
      "allow", "forbid", "allow ann@b.c bob@b.c", "ann@b.c", "allowed ann@b.c", "who", "",
      "ann@b.c may watch now, and is sent a contact request.", "allow " + String(repeating: "a", count: 2_200),
    ])
  func other(text: String) {
    #expect(PermissionRequest(spoken: text) == nil)
  }
}
