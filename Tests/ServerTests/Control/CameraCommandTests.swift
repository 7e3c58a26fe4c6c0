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
    for text in [
      "", "helpme", "stop it", "...", "/", "please", "help\u{0}", String(repeating: " ", count: 100) + "help",
    ] {
      #expect(CameraCommand(spoken: text) == nil, "\(text)")
    }
  }

  @Test(
    "is understood in other words, with marks and politeness around",
    arguments: [
      ("?", .help), ("Hi", .help), ("status?", .status), ("/status", .status), ("Snapshot.", .snapshot),
      ("Take a picture!", .snapshot), ("photo please", .snapshot), ("Call", .callMe), ("please, call me!", .callMe),
      ("Hang up.", .stop), ("who is watching?", .viewers), ("Who?", .who),
    ] as [(String, CameraCommand)])
  func synonyms(text: String, command: CameraCommand) {
    #expect(CameraCommand(spoken: text) == command)
  }

  @Test("is named to who wrote something else, as far as it is for him")
  func hint() {
    #expect(
      CameraCommand.hint(for: .viewer, hasSpeaker: true)
        == "I do not understand that. You can write: help, status, snapshot, call me, stop.")
    let greeted = CameraCommand.offer(for: .viewer, hasSpeaker: true)
    #expect(greeted == "You can write: help, status, snapshot, call me, stop.")
    for text in [CameraCommand.hint(for: .viewer, hasSpeaker: true), greeted] {
      #expect(CameraCommand(spoken: text) == nil)
    }
  }

  @Test("is asked for by a viewer, or by an admin, who may all")
  func roles() {
    #expect(CameraCommand.spoken(by: .viewer, hasSpeaker: true) == [.help, .status, .snapshot, .callMe, .stop])
    #expect(
      CameraCommand.spoken(by: .admin, hasSpeaker: true)
        == CameraCommand.allCases.filter { !$0.hasForm || [.allow, .forbid, .volume].contains($0) })
    #expect(CameraCommand.help(for: .admin, hasSpeaker: true).contains("allow user@domain: Lets somebody watch\n"))
    #expect(!CameraCommand.help(for: .viewer, hasSpeaker: true).contains("restart"))
  }

  @Test("a volume is said with its number, and is for an admin")
  func volume() {
    #expect(CameraCommand.spokenVolume(" Volume  40 ") == "40")
    #expect(CameraCommand.spokenVolume("volume loud") == "loud")
    for text in ["volume", "volume 4 0", "mute 40", "volume " + String(repeating: "4", count: 100)] {
      #expect(CameraCommand.spokenVolume(text) == nil, "\(text)")
    }
    #expect([CameraCommand.volume, .mute, .unmute].allSatisfy { $0.role == .admin })
    #expect(CameraCommand.help(for: .admin, hasSpeaker: true).contains("volume 0 to 100"))
    #expect(!CameraCommand.help(for: .viewer, hasSpeaker: true).contains("volume"))
  }

  @Test("nothing that needs a loudspeaker is offered without one")
  func noSpeaker() {
    let help = CameraCommand.help(for: .admin, hasSpeaker: false)
    #expect(!help.contains("volume") && !help.contains("mute") && help.contains("restart"))
    #expect(!CameraCommand.hint(for: .admin, hasSpeaker: false).contains("mute"))
    #expect(CameraCommand.hint(for: .admin, hasSpeaker: true).contains("unmute"))
    let nodes = CameraCommand.menu(hasSpeaker: false).map(\.node)
    #expect(Set(CameraCommand.allCases.map(\.node)).subtracting(nodes) == ["help", "volume", "mute", "unmute"])
  }

  @Test("has a node of its own, and no answer to it is a command")
  func nodes() {
    #expect(Set(CameraCommand.allCases.map(\.node)).count == CameraCommand.allCases.count)
    for command in CameraCommand.allCases {
      #expect(CameraCommand(node: command.node) == command)
      #expect(CameraCommand(spoken: command.purpose) == nil)
    }
    #expect(CameraCommand.menu(hasSpeaker: true).count == CameraCommand.allCases.count - 1)
    #expect(CameraCommand(spoken: CameraCommand.help(for: .viewer, hasSpeaker: true)) == nil)
    for answer in [
      "Only an admin can ask for that.", "You ask too often. Try again in a minute.", "You are not in a call.",
      "Nobody is watching.", "The call is over.", "The camera is being reopened.", "Calling you.",
      "You are already in a call.", "You did not answer. Write \"call me\" to try again.",
    ] { #expect(CameraCommand(spoken: answer) == nil, "\(answer)") }
  }
}
