import Testing

@testable import Settings

@Suite("Changing a configuration file")
struct ConfigurationTextTests {
  static let sample = """
    # Settings of jinglecam serve.

    jid: cam@example.net            # the camera's account
    #server: xmpps://example.net:443 # where DNS does not say it
    source: camera                  # or a path

    allow:                          # nobody else
      - jid: ann@example.net
        role: admin
      - jid: example.org            # everybody there

    #size: 1280x720
    fps: 25
    controls:
      brightness: 128

    """

  private func change(
    _ values: [ServeSettings.Key: String?] = [:], allow: [ServeSettings.Permission]? = nil, of text: String? = sample
  ) throws -> String {
    var change = ConfigurationText()
    change.values = values
    change.allow = allow
    return try change.applied(to: text, path: "cam.yaml")
  }

  private static let bob = [
    ServeSettings.Permission(jid: Setting("bob@home.example"), role: Setting("admin")),
    .init(jid: Setting("home.example")),
  ]

  @Test("the lines of what changes are changed, with their comments, and no others")
  func values() throws {
    let text = try change([.jid: "door@home.example", .server: "xmpps://home.example", .source: "camera"])
    #expect(
      text
        == Self.sample.replacing("jid: cam@example.net            #", with: "jid: door@home.example            #")
        .replacing("#server: xmpps://example.net:443 #", with: "server: xmpps://home.example #"))
  }

  @Test("the list of those who may watch is replaced as a whole, and what follows it stays")
  func allow() throws {
    let text = try change(allow: Self.bob)
    #expect(
      text
        == Self.sample.replacing(
          "  - jid: ann@example.net\n    role: admin\n  - jid: example.org            # everybody there\n",
          with: "  - jid: bob@home.example\n    role: admin\n  - jid: home.example\n"))
    let empty = try change(allow: [])
    #expect(
      try ConfigurationFile.parse(empty, path: "").allow.isEmpty && empty.contains("\n#size: 1280x720\nfps: 25\n"))
  }

  @Test("what is as it should be is not touched")
  func same() throws {
    let allow = [
      ServeSettings.Permission(jid: Setting("ann@example.net"), role: Setting("admin")),
      .init(jid: Setting("example.org")),
    ]
    #expect(try change([.jid: "cam@example.net", .fps: "25", .caFile: nil], allow: allow) == Self.sample)
  }

  @Test("a setting that is not there yet is added, and one that is taken away becomes a comment")
  func added() throws {
    let text = try change([.caFile: "/etc/ssl/own.pem", .fps: nil])
    #expect(text.contains("\nca-file: /etc/ssl/own.pem\n") && text.contains("\n#fps: 25\n"))
  }

  @Test("without a file there is one with what was asked")
  func new() throws {
    let text = try change([.jid: "cam@home.example", .source: "pattern"], allow: Self.bob, of: nil)
    let settings = try ConfigurationFile.parse(text, path: "")
    #expect(
      settings.values[.jid]?.text == "cam@home.example"
        && settings.allow.map(\.jid.text) == ["bob@home.example", "home.example"])
    #expect(text.hasPrefix("# Settings"))
  }

  @Test(
    "a value of any letters is read as it was written",
    arguments: [
      "it's: here # now", "- x", "true", "12", "a: b", "#x", "@x", "rtsp://ann:secret@cam.local/1?x=1&y=[2]", "ü",
      "/dev/v4l/by-id/usb-Acme_Cam-video-index0",
      "\"x\"", "x\u{A0}y", "a\tb",
    ])
  func quoting(value: String) throws {
    let text = try change([.source: value])
    #expect(try ConfigurationFile.parse(text, path: "").values[.source]?.text == value)
    #expect(try change([.source: value], of: text) == text)
  }

  @Test(
    "a file that only a person can change is left alone, and told what it has to say",
    arguments: [
      "{jid: cam@home.example, source: camera}\n", "jid: >\n  cam@home.example\nsource: camera\n",
      "\"jid\": cam@home.example\nsource: camera\n",
      "jid: &a cam@home.example\nsource: *a\n",
    ])
  func refused(text: String) {
    let error = #expect(throws: SettingError.self) { try change([.jid: "door@home.example"], of: text) }
    #expect(error?.description.contains("jid: door@home.example") == true)
    #expect(error?.kind == .configuration)
  }

  @Test("a file that is no YAML is refused with its line")
  func broken() {
    let error = #expect(throws: SettingError.self) { try change([.jid: "a@b.example"], of: "jid: x\n\tsource: y\n") }
    #expect(error?.description.hasPrefix("cam.yaml:2") == true)
  }

  @Test("a file whose lines end with a carriage return and a line feed is changed, and they still do")
  func lineEnds() throws {
    let sample = Self.sample.replacing("\n", with: "\r\n")
    let text = try change([.jid: "door@home.example", .fps: nil], allow: Self.bob, of: sample)
    let expected = try change([.jid: "door@home.example", .fps: nil], allow: Self.bob)
    #expect(text == expected.replacing("\n", with: "\r\n"))
  }

  @Test("what the file should say is told without the password of a source")
  func refusedSecret() {
    let error = #expect(throws: SettingError.self) {
      try change([.source: "rtsp://ann:secret@cam.example/1"], of: "{jid: cam@home.example}\n")
    }
    #expect(error?.description.contains("rtsp://cam.example/1") == true)
    #expect(error?.description.contains("secret") == false)
  }
}
