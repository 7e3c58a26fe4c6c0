import Studio
import Testing
import XMPP

@testable import Settings

@Suite("The configuration file of a camera that is called")
struct ConfigurationFileTests {
  private func settings(_ yaml: String) throws -> ServeSettings {
    try ConfigurationFile.parse(yaml, path: "cam.yaml")
  }

  private func error(_ yaml: String) -> SettingError? {
    do throws(SettingError) {
      _ = try ConfigurationFile.parse(yaml, path: "cam.yaml").configuration()
      return nil
    } catch {
      return error
    }
  }

  private static let heart = "jid: cam@example.net\nsource: pattern\nallow: [{jid: ann@example.net}]\n"

  @Test("needs an account and a source, and nobody who may watch: there is a code for that")
  func heart() throws {
    let configuration = try settings(Self.heart).configuration()
    #expect(configuration.account.jid == (try JID("cam@example.net")))
    #expect(configuration.video.source == "pattern" && configuration.video.limits.maximumBitrate == 2_500_000)
    #expect(configuration.access.role(of: try JID("ann@example.net/phone")) == .viewer)
    #expect(configuration.access.role(of: try JID("bob@example.net")) == nil)
    let without = Self.heart.split(separator: "\n").filter { !$0.hasPrefix("allow") }.joined(separator: "\n")
    #expect(try settings(without).configuration().access.isEmpty)
    for key in ["jid", "source"] {
      let rest = Self.heart.split(separator: "\n").filter { !$0.hasPrefix(key) }.joined(separator: "\n")
      #expect(error(rest)?.kind == .configuration, "without \(key)")
      #expect(error(rest)?.description.hasPrefix("cam.yaml: ") == true, "without \(key)")
    }
  }

  @Test("addresses of internationalized domains may be spelled in A-labels, and are sent in U-labels")
  func spelling() throws {
    let configuration = try settings(
      "jid: cam@xn--bcher-kva.example\nsource: pattern\nallow: [{jid: ann@xn--bcher-kva.example}]\n"
    ).configuration()
    #expect(configuration.account.jid.description == "cam@b\u{FC}cher.example")
    #expect(configuration.access.people.map(\.description) == ["ann@b\u{FC}cher.example"])
  }

  @Test("has a loudspeaker, by which admins are heard, and viewers if they may talk")
  func speaker() throws {
    let people = "allow: [{jid: example.net}, {jid: eve@example.net, role: admin}]\n"
    let heart = "jid: cam@example.net\nsource: pattern\n" + people
    let (ann, eve) = (try JID("ann@example.net/phone"), try JID("eve@example.net/phone"))
    let silent = try settings(heart).configuration()
    #expect(silent.speaker == nil)
    let plain = try settings(heart + "speaker: auto\n").configuration()
    #expect(plain.speaker == SpeakerConfiguration(card: nil, hasChime: true))
    #expect(!plain.mayTalk(ann, by: plain.access) && plain.mayTalk(eve, by: plain.access))
    let open = try settings(heart + "speaker: Device\ntalk: true\nno-chime: true\n").configuration()
    #expect(open.speaker == SpeakerConfiguration(card: "Device", hasChime: false))
    #expect(open.mayTalk(ann, by: open.access) && open.mayTalk(eve, by: open.access))
    #expect(try !open.mayTalk(JID("ann@example.org/phone"), by: open.access))
    #expect(error(heart + "talk: perhaps\n")?.kind == .configuration)
  }

  @Test("has roles, by person or by domain")
  func roles() throws {
    let access = try settings(
      """
      jid: cam@example.net
      source: camera
      allow:
        - jid: example.org
        - jid: ann@example.org
          role: admin
      """
    ).configuration().access
    #expect(access.role(of: try JID("ann@example.org")) == .admin)
    #expect(access.role(of: try JID("bob@example.org/desk")) == .viewer)
    #expect(access.people == [try JID("ann@example.org")])
  }

  @Test(
    "tells the line of what is wrong",
    arguments: [
      ("sorce: camera\n", "cam.yaml:4: unknown key 'sorce'; did you mean source?"),
      ("size: 12\n", "cam.yaml:4: size '12' is not a picture size; write for example 640x480"),
      ("viewers: 0\n", "cam.yaml:4: viewers '0' is out of range; choose 1 to 64"),
      ("loop: maybe\n", "cam.yaml:4: loop 'maybe' is neither true nor false"),
      (
        "metrics: 0.0.0.0:9464\n",
        "cam.yaml:4: metrics '0.0.0.0:9464' is not loopback: others could read along; "
          + "write unix:/run/jinglecam/metrics.sock or 127.0.0.1:9464"
      ),
      ("rotate: 45\n", "cam.yaml:4: rotate '45' is not a quarter turn; choose 0, 90, 180 or 270"),
      ("fps: [1]\n", "cam.yaml:4: fps must be a single value"),
      ("turn: [{uri: turn:a}]\n", "cam.yaml:4: an entry of turn needs uri, username and password-file"),
      ("turn: [{url: turn:a}]\n", "cam.yaml:4: unknown key 'url'; did you mean uri?"),
      ("controls: 7\n", "cam.yaml:4: controls must be written as KEY: VALUE, a line each"),
      (
        "size: {\n",
        "cam.yaml:5: did not find expected node content; a bracket that was opened is not closed, or a value is missing"
      ),
    ])
  func places(line: String, message: String) {
    let error = error(Self.heart + line)
    #expect(error?.description == message)
    #expect(error?.kind == .configuration)
  }

  @Test("is refused where a role is unknown, an entry has no address, or a key is there twice")
  func refused() {
    let head = "jid: cam@example.net\nsource: pattern\n"
    #expect(
      error(head + "allow: [{jid: a@b, role: boss}]")?.description
        == "cam.yaml:3: role 'boss' is unknown; choose viewer or admin")
    #expect(error(head + "allow: ann@b")?.description == "cam.yaml:3: allow must be a list; begin each entry with -")
    #expect(
      error(head + "allow: [{role: admin}]")?.description
        == "cam.yaml:3: an entry of allow has no jid; write - jid: user@domain")
    #expect(error(head + "allow: [{jid: '@'}]")?.kind == .configuration)
    #expect(error(Self.heart + "jid: b@example.net")?.description == "cam.yaml:4: jid is written twice")
    #expect(error("a: &a [*a]")?.description == "cam.yaml:1: it is nested too deeply")
    #expect(error("- 1")?.description == "cam.yaml:1: the configuration must be written as KEY: VALUE, a line each")
  }

  @Test("is refused where aliases make far more of it than is written")
  func aliases() {
    var yaml = "a: &a [\(Array(repeating: "1", count: 64).joined(separator: ", "))]\n"
    for (name, former) in [("b", "a"), ("c", "b")] {
      yaml += "\(name): &\(name) [\(Array(repeating: "*\(former)", count: 64).joined(separator: ", "))]\n"
    }
    #expect(error(yaml) == SettingError("it has too many values", .configuration).at("cam.yaml:1"))
  }

  @Test("is told in one line what is wrong with it, though a value has several")
  func lines() {
    #expect(error("jid: \"a\\nb\"")?.description == "cam.yaml:1: jid 'a b' is not an XMPP address; write user@domain")
    #expect(error("\"a\\e[2J\\Lb\": c")?.description == "cam.yaml:1: unknown key 'a[2J b'")
  }

  @Test("is not a directory, nor is a password file")
  func directory() {
    #expect(throws: SettingError("cannot read /: Is a directory", .noInput)) { try ConfigurationFile.read("/") }
    #expect(throws: SettingError("cannot read the password file /: Is a directory", .noInput)) {
      try Password.read(file: "/")
    }
  }

  @Test("yields to the command line, value by value")
  func precedence() throws {
    var flags = ServeSettings()
    flags.values[.bitrate] = Setting("500k")
    flags.allow = [.init(jid: Setting("bob@example.net"))]
    let configuration = try flags.over(settings(Self.heart + "bitrate: 2M\nviewers: 2")).configuration()
    #expect(configuration.video.limits.maximumBitrate == 500_000 && configuration.maximumViewers == 2)
    #expect(configuration.access.people == [try JID("bob@example.net")])
  }

  @Test("bounds the bitrate from both sides, and may keep the size")
  func limits() throws {
    func limits(_ yaml: String) throws -> EncodingLimits {
      try settings(Self.heart + yaml).configuration().video.limits
    }
    #expect(try limits("") == EncodingLimits(maximumBitrate: 2_500_000, minimumBitrate: 100_000))
    #expect(
      try limits("bitrate: 2M\nmin-bitrate: 300k\nfixed: true")
        == EncodingLimits(maximumBitrate: 2_000_000, minimumBitrate: 300_000, isFixed: true))
    #expect(try limits("bitrate: 50k") == EncodingLimits(maximumBitrate: 50_000, minimumBitrate: 50_000))
    #expect(
      error(Self.heart + "bitrate: 500k\nmin-bitrate: 1M")?.description
        == "cam.yaml:5: min-bitrate 1000k is above the bitrate of 500k; lower it, or raise --bitrate")
    #expect(error(Self.heart + "min-bitrate: low")?.description.contains("min-bitrate 'low' is not a bitrate") == true)
    #expect(error(Self.heart + "fixed: perhaps")?.kind != nil)
  }
}
