import Network
import Testing
import XMPP

@testable import Settings

@Suite("What is wrong with settings")
struct SettingsProblemsTests {
  private static let sound = "jid: cam@example.net\nsource: pattern\nallow: [ann@example.net]\n"

  private func problems(_ yaml: String) throws -> [String] {
    try ConfigurationFile.parse(yaml, path: "cam.yaml").problems.map(\.description)
  }

  @Test("is told completely, in the order of the lines")
  func all() throws {
    let yaml = """
      jid: cam
      source: pattern
      size: 720p
      sise: 640x480
      allow:
        - '@x'
        - {jid: ann@example.net, role: boss}
        - [bob@example.net]
      rotate: 45
      viewers: 0
      bitrate: 1500
      min-bitrate: low
      turn: [{uri: turn:a}]
      """
    let problems = try problems(yaml)
    let lines = problems.map { $0.prefix { $0 != " " } }
    #expect(lines == [1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13].map { "cam.yaml:\($0):" }, "\(problems)")
  }

  @Test("is nothing if they are right, and each thing that is missing if there are none")
  func ends() throws {
    #expect(try problems(Self.sound) == [])
    #expect(ServeSettings().problems.map(\.cause) == ["--jid is missing", "SOURCE is missing"])
    #expect(
      try ConfigurationFile.parse("", path: "cam.yaml").problems.map(\.cause)
        == ["cam.yaml: jid is missing", "cam.yaml: source is missing"])
  }

  @Test("is also what two settings that are right each have against each other")
  func pairs() throws {
    #expect(try problems(Self.sound + "bitrate: 4M\nmin-bitrate: 3M\n") == [])
    #expect(try problems(Self.sound + "bitrate: 1M\nmin-bitrate: 3M\n").count == 1)
  }

  @Test(
    "is told with what was probably meant",
    arguments: [
      ("alow: []", "did you mean allow?"), ("password: s3cret", "write password-file"),
      ("log-level: debug", "command line only"), ("duration: 30", "an option of jinglecam stream only"),
      ("audio-track: x", "'x' is not a whole number; choose 1"), ("bitrate: 1500", "did you mean 1500k?"),
      ("fps: 25.5", "not a whole number"), ("viewers: 99", "out of range"), ("a: \"b\nc: d", "quotation mark"),
      ("a:\tb:\tc", "indentation"), ("\tfps: 5", "with spaces"),
    ])
  func suggestions(line: String, words: String) {
    let error = #expect(throws: SettingError.self) {
      try ConfigurationFile.parse(Self.sound + line, path: "cam.yaml").configuration()
    }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("s3cret") != true)
  }

  @Test(
    "never repeats what may be a secret",
    arguments: [
      "jid: cam@example.net:s3cret", "server: xmpps://cam:s3cret@example.net",
      "turn: [{uri: 'turn:cam:s3cret@example.net', username: cam, password-file: /dev/null}]",
    ])
  func secrets(line: String) throws {
    let rest = Self.sound.split(separator: "\n").filter { $0.prefix(3) != line.prefix(3) }
    let problems = try problems(rest.joined(separator: "\n") + "\n" + line)
    #expect(problems.count == 1 && !problems[0].contains("s3cret"), "\(problems)")
    let relay = #expect(throws: SettingError.self) { try TURNURI(parsing: "turn:cam:s3cret@example.net") }
    let server = #expect(throws: SettingError.self) { try STUNURI(parsing: "stun:cam:s3cret@example.net") }
    for error in [relay, server] { #expect(error?.description.contains("s3cret") == false) }
  }

  @Test(
    "nor does what is said of a server's address repeat what comes after the host",
    arguments: [
      ("turns:turn.example.net:s3cret", "'turns:turn.example.net…'"),
      ("turns:turn.example.net:s3cret?transport=udp", "'turns:turn.example.net…'"),
      ("turn:[2001:db8::1]:s3cret", "'turn:[2001:db8::1]…'"), ("cam:s3cret:turn.example.net", "'cam…'"),
      ("turn:turn.example.net?password=s3cret", "'turn:turn.example.net…'"),
      ("turn:turn.example.net:5349:s3cret", "'turn:turn.example.net…'"),
      ("turn:turn.example.net:70000", "'turn:turn.example.net:70000'"), ("", "''"), ("turn:", "'turn:'"),
      ("turn:turn.example.net:5349?transport=sctp", "'turn:turn.example.net:5349?transport=sctp'"),
    ])
  func addresses(text: String, shown: String) {
    let relay = #expect(throws: SettingError.self) { try TURNURI(parsing: text) }
    #expect(relay?.description.contains(shown) == true, "\(relay?.description ?? "")")
    let stun = #expect(throws: SettingError.self) { try STUNURI(parsing: "stuns:" + text) }
    let server = #expect(throws: SettingError.self) { try ConnectionTarget(setting: "xmpps://" + text) }
    let unknown = #expect(throws: SettingError.self) { try ConnectionTarget(setting: "https://" + text) }
    for error in [relay, stun, server, unknown] {
      #expect(error?.description.contains("s3cret") == false, "\(error?.description ?? "")")
    }
  }

  @Test("nor does what is said of a password that was given as the name of its file")
  func passwordAsFile() {
    let error = #expect(throws: SettingError.self) { try Password.read(file: "s3cret") }
    #expect(error?.kind == .noInput && error?.description.contains("s3cret") == false)
    let file = #expect(throws: SettingError.self) { try Password.read(file: "./missing") }
    #expect(file?.description == "cannot read the password file ./missing: No such file or directory")
  }

  @Test("that is right and has no effect is a warning: only a file starts again")
  func loop() throws {
    func warning(_ source: String, _ line: String = "loop: true") throws -> String? {
      try ConfigurationFile.parse("jid: cam@example.net\nsource: \(source)\n\(line)", path: "cam.yaml")
        .configuration().video.warning
    }
    for source in ["camera", "pattern", "/dev/video0", "'-'", "rtsp://camera.local/front"] {
      #expect(try warning(source)?.hasPrefix("loop has no effect") == true, "\(source)")
    }
    #expect(try warning("camera", "fps: 5") == nil && warning("movie.mp4") == nil)
    #expect(try warning("https://example.net/movie.mp4") == nil)
  }

  @Test("a word is near to another if few letters differ")
  func spelling() {
    #expect(Spelling.closest(to: "devics", among: ["doctor", "devices"]) == "devices")
    #expect(Spelling.closest(to: "xyz", among: ["doctor", "devices"]) == nil)
    #expect(Spelling.closest(to: String(repeating: "a", count: 1000), among: ["a"]) == nil)
  }
}
