import Testing

@testable import Server

@Suite("What a camera can be asked for")
struct CameraCommandTests {
  @Test("is said in any case, with blanks around and between")
  func spoken() {
    #expect(CameraCommand(spoken: "help") == .help)
    #expect(CameraCommand(spoken: "  Call \n ME ") == .callMe)
    #expect(CameraCommand(spoken: "stop all") == .stopAll)
    #expect(CameraCommand(spoken: "Snapshot") == .snapshot)
    for text in ["", "helpme", "call", "stop it", "help\u{0}", String(repeating: " ", count: 100) + "help"] {
      #expect(CameraCommand(spoken: text) == nil, "\(text)")
    }
  }

  @Test("is asked for by a viewer, or by an admin, who may all")
  func roles() {
    #expect(CameraCommand.spoken(by: .viewer) == [.help, .status, .snapshot, .callMe, .stop])
    #expect(CameraCommand.spoken(by: .admin) == CameraCommand.allCases.filter { !$0.hasForm })
    #expect(!CameraCommand.help(for: .viewer).contains("restart"))
  }

  @Test("has a node of its own, and no answer to it is a command")
  func nodes() {
    #expect(Set(CameraCommand.allCases.map(\.node)).count == CameraCommand.allCases.count)
    for command in CameraCommand.allCases {
      #expect(CameraCommand(node: command.node) == command)
      #expect(CameraCommand(spoken: command.purpose) == nil)
    }
    #expect(CameraCommand.menu.count == CameraCommand.allCases.count - 1)
    #expect(CameraCommand(spoken: CameraCommand.help(for: .viewer)) == nil)
  }
}
