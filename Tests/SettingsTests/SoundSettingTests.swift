import Studio
import Testing

@testable import Settings

@Suite("The settings of sound")
struct SoundSettingTests {
  private static func read(_ text: String) throws -> SoundConfiguration {
    let yaml = "jid: cam@example.net\nsource: film.mp4\n\(text)\n"
    return try ConfigurationFile.parse(yaml, path: "file.yaml").video().sound
  }

  @Test(
    "a film is heard unless it is not to be, and a microphone if it is named",
    arguments: [
      ("", .file(track: nil)), ("audio-track: 2", .file(track: 2)), ("no-audio: true", .none),
      ("no-audio: false", .file(track: nil)), ("microphone: auto", .microphone(nil)),
      ("microphone: C920", .microphone("C920")), ("microphone: 1,0", .microphone("1,0")),
    ] as [(String, SoundConfiguration)])
  func read(_ text: String, _ expected: SoundConfiguration) throws {
    #expect(try Self.read(text) == expected)
  }

  @Test("its bitrate is one of Opus")
  func bitrate() throws {
    let yaml = "jid: cam@example.net\nsource: film.mp4\naudio-bitrate: "
    #expect(try ConfigurationFile.parse(yaml + "24k", path: "file.yaml").video().soundBitrate == 24_000)
    let error = #expect(throws: SettingError.self) {
      try ConfigurationFile.parse(yaml + "2M", path: "file.yaml").video()
    }
    #expect(error?.description.hasSuffix("2M is out of range; choose 6k to 510k") == true)
  }

  @Test(
    "what is wrong is told with its line",
    arguments: [
      ("microphone: hw:1,0", "file.yaml:3: microphone 'hw:1,0' is not a sound card"),
      ("microphone: auto\nno-audio: true", "file.yaml:3: microphone replaces the sound of a file"),
      ("audio-track: 0", "file.yaml:3: audio-track '0' is out of range"),
      ("no-audio: perhaps", "file.yaml:3: no-audio 'perhaps' is neither true nor false"),
    ])
  func wrong(_ text: String, _ expected: String) {
    let error = #expect(throws: SettingError.self) { try Self.read(text) }
    #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
  }
}
