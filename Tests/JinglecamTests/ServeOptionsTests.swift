import Settings
import Testing

@testable import jinglecam

@Suite("Options of serve that are also keys of its file")
struct ServeOptionsTests {
  @Test("those of the sound become settings of the same name, and what is not given is left to the file")
  func sound() throws {
    let arguments = [
      "--audio-track", "2", "--microphone", "auto", "--audio-bitrate", "24k", "--speaker", "1", "--no-chime", "--talk",
    ]
    let values = try ServeOptions.parse(["camera"] + arguments).settings().values.mapValues(\.text)
    #expect(
      values == [
        .source: "camera", .audioTrack: "2", .microphone: "auto", .audioBitrate: "24k", .speaker: "1",
        .noChime: "true", .talk: "true",
      ])
    #expect(try ServeOptions.parse(["--no-audio"]).settings().values.mapValues(\.text) == [.noAudio: "true"])
  }
}
