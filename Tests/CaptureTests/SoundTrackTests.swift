import Capture
import NIOCore
import Sound
import TestSupport
import Testing

@Suite(.enabled(if: Clip.isPossible)) struct SoundTrackTests {
  private static let pictures = "-f lavfi -i testsrc=size=64x48:rate=25"
  /// A tone of 440 Hz that begins at 500 ms, in a file of 1.5 s.
  private static let tone = "-f lavfi -i aevalsrc=0.5*sin(2*PI*440*t)*gte(t\\,0.5):s=48000 -t 1.5"
  private static let film = "\(pictures) \(tone) -c:v mpeg4"

  private static func hear(_ path: String, track: Int? = nil, start: TimeAmount? = nil) throws -> HeardSound {
    HeardSound(try #require(try SoundTrack(path: path, track: track, start: start)))
  }

  @Test(
    "a tone is heard with its frequency, its level and at its time",
    arguments: [
      ("mp4", "-c:a aac"), ("mov", "-c:a pcm_s24le -ar 96000"), ("mkv", "-c:a libopus -b:a 96k"),
      ("mkv", "-c:a pcm_s16le -ar 8000"), ("mkv", "-c:a flac -ar 44100"), ("mkv", "-c:a pcm_u8 -ar 11025"),
      ("avi", "-c:a pcm_s16le"), ("ts", "-c:a aac"), ("ts", "-c:a mp2"), ("mkv", "-c:a ac3"), ("ts", "-c:a ac3"),
    ])
  func tone(container: String, codec: String) throws {
    let clip = try Clip()
    let heard = try Self.hear(try clip.make("clip.\(container)", "\(Self.film) -ac 1 \(codec)"))
    #expect(heard.channels == 1)
    #expect(heard.times == (0..<Int64(heard.times.count)).map { 20 * $0 })
    #expect((1.48...1.60).contains(heard.duration), "\(heard.duration)")
    let fit = heard.fit(440, 0.6..<1.4)
    #expect(abs(fit.amplitude - 0.5) < 0.02, "\(fit)")
    #expect(fit.signalToNoise > 25, "\(fit)")
    let onset = try #require(heard.onset)
    // Matroska in milliseconds puts off the pictures by those that Opus needs to begin.
    #expect(abs(onset - 500) < (codec.contains("opus") ? 8 : 5), "\(onset)")
  }

  @Test("stereo stays two channels", arguments: ["aac", "libopus", "pcm_s16le"])
  func stereo(codec: String) throws {
    let clip = try Clip()
    let heard = try Self.hear(
      try clip.make(
        "clip.mkv",
        "\(Self.pictures) -f lavfi -i aevalsrc=0.4*sin(2*PI*440*t)|0.2*sin(2*PI*1000*t):s=48000 -t 1 -c:v mpeg4 "
          + "-c:a \(codec) -b:a 192k"))
    #expect(heard.channels == 2)
    #expect(abs(heard.fit(440, 0.2..<0.8).amplitude - 0.4) < 0.02)
    #expect(abs(heard.fit(1_000, channel: 1, 0.2..<0.8).amplitude - 0.2) < 0.02)
    #expect(heard.fit(1_000, 0.2..<0.8).amplitude < 0.01)
    #expect(heard.fit(440, channel: 1, 0.2..<0.8).amplitude < 0.01)
  }

  @Test("5.1 is mixed into stereo, never louder than full scale", arguments: ["flac", "ac3", "aac"])
  func surround(codec: String) throws {
    let clip = try Clip()
    let loud = "0.9*sin(2*PI*440*t)"
    let left = try Self.hear(
      try clip.make(
        "left.mkv",
        "\(Self.pictures) -f lavfi -i aevalsrc=\(loud)|0|0|0|0|0:c=5.1:s=48000 -t 1 -c:v mpeg4 -c:a \(codec) -b:a 384k")
    )
    #expect(left.channels == 2)
    #expect((0.2...0.9).contains(left.fit(440, 0.2..<0.8).amplitude))
    #expect(left.fit(440, channel: 1, 0.2..<0.8).amplitude < 0.02)
    let all = try Self.hear(
      try clip.make(
        "all.mkv",
        "\(Self.pictures) -f lavfi -i aevalsrc=\(loud)|\(loud)|\(loud)|\(loud)|\(loud)|\(loud):c=5.1:s=48000 -t 1 "
          + "-c:v mpeg4 -c:a \(codec) -b:a 384k"))
    #expect(all.fit(440, 0.2..<0.8).amplitude > 0.5)
    #expect(all.loudest(0.2..<0.8) <= 1)
  }

  @Test("sound that begins late is preceded by silence")
  func late() throws {
    let clip = try Clip()
    let heard = try Self.hear(
      try clip.make(
        "clip.mkv",
        "\(Self.pictures) -itsoffset 0.6 -f lavfi -i sine=frequency=440:sample_rate=48000:duration=1 -t 1.6 -c:v mpeg4 "
          + "-af volume=4 -c:a pcm_s16le"))
    #expect(heard.times.first == 0)
    #expect(heard.loudest(0..<0.59) == 0)
    #expect(heard.fit(440, 0.61..<1.5).signalToNoise > 40)
    #expect((1.58...1.62).contains(heard.duration), "\(heard.duration)")
  }

  @Test("what is heard before the first picture is cut", arguments: ["-c:a pcm_s16le", "-c:a aac"])
  func early(codec: String) throws {
    let clip = try Clip()
    let heard = try Self.hear(
      try clip.make("clip.mkv", "-itsoffset 0.4 \(Self.pictures) \(Self.tone) -c:v mpeg4 \(codec)"))
    let onset = try #require(heard.onset)
    #expect(abs(onset - 100) < 5, "\(onset)")
  }

  @Test("a recording that begins between two key frames is in step with its first picture")
  func cutRecording() throws {
    let clip = try Clip()
    let whole = try clip.make(
      "whole.ts",
      "\(Self.pictures) -f lavfi -i aevalsrc=0.5*sin(2*PI*440*t)*gte(t\\,3):s=48000 -t 4 -c:v mpeg2video -g 25 -bf 0 "
        + "-c:a mp2")
    let first = try #require(try FileSource(path: whole).mediumClock?.firstPicture).nanoseconds
    let bytes = try clip.read("whole.ts")
    let cut = try clip.write(bytes.dropFirst(bytes.count / 188 / 8 * 188), to: "cut.ts")
    let start = try #require(try FileSource(path: cut).mediumClock?.firstPicture)
    let late = Double(start.nanoseconds - first) / 1_000_000
    #expect(late > 100)
    let onset = try #require(try Self.hear(cut, start: start).onset)
    #expect(abs(onset - (3_000 - late)) < 5, "\(onset), \(late)")
  }

  @Test("where sound is missing it is silent, and what follows keeps its time")
  func gap() throws {
    let clip = try Clip()
    let heard = try Self.hear(
      try clip.make(
        "clip.mkv",
        "\(Self.pictures) -f lavfi -i aevalsrc=0.5*sin(2*PI*440*t)*lt(t\\,1.5)+0.5*sin(2*PI*1000*t)*gte(t\\,1.5):s=48000 "
          + "-t 2 -af aselect=not(between(t\\,0.5\\,1.0)) -c:v mpeg4 -c:a pcm_s16le"))
    #expect(heard.loudest(0.53..<0.98) == 0)
    #expect(heard.fit(440, 0.1..<0.48).signalToNoise > 40)
    #expect(heard.fit(440, 1.05..<1.49).signalToNoise > 40)
    #expect(heard.fit(1_000, 1.51..<1.9).signalToNoise > 40)
  }

  @Test("each of several tracks is heard, and one that is not there is refused")
  func tracks() throws {
    let clip = try Clip()
    let path = try clip.make(
      "clip.mkv",
      "\(Self.pictures) -f lavfi -i sine=frequency=440 -f lavfi -i sine=frequency=1000 -t 1 -map 0 -map 1 -map 2 "
        + "-c:v mpeg4 -c:a pcm_s16le")
    #expect(try Self.hear(path).fit(440, 0.1..<0.9).signalToNoise > 30)
    #expect(try Self.hear(path, track: 1).fit(440, 0.1..<0.9).signalToNoise > 30)
    #expect(try Self.hear(path, track: 2).fit(1_000, 0.1..<0.9).signalToNoise > 30)
    for track in [Int.min, 0, 3, .max] {
      #expect(throws: CaptureError.noSuchTrack(path: path, track: track, count: 2)) {
        _ = try SoundTrack(path: path, track: track)
      }
    }
    let error = CaptureError.noSuchTrack(path: "clip.mkv", track: 3, count: 2)
    #expect(error.description == "clip.mkv has 2 sound tracks, and no track 3")
  }

  @Test("a file without sound has no track")
  func noSound() throws {
    let clip = try Clip()
    let path = try clip.make("clip.mp4", "\(Self.pictures) -t 1 -c:v mpeg4")
    #expect(try SoundTrack(path: path) == nil)
    #expect(throws: CaptureError.noSuchTrack(path: path, track: 1, count: 0)) {
      _ = try SoundTrack(path: path, track: 1)
    }
    #expect(throws: CaptureError.noSuchFile(path: clip.path("none"), reason: "No such file or directory")) {
      _ = try SoundTrack(path: clip.path("none"))
    }
  }

  @Test("damage costs what is damaged, and what follows keeps its time", arguments: 0..<8)
  func damage(seed: UInt64) throws {
    let clip = try Clip()
    _ = try clip.make(
      "clip.ts",
      "\(Self.pictures) -f lavfi -i aevalsrc=0.5*sin(2*PI*1000*t)*lt(t\\,3)+0.5*sin(2*PI*440*t)*gte(t\\,3):s=48000 -t 4 "
        + "-c:v mpeg4 -b:v 100k -c:a aac -b:a 128k")
    var bytes = try clip.read("clip.ts")
    var random = SeededGenerator(seed: seed)
    // The first eighth has the tables of the streams, the last half the tone.
    for _ in 0..<bytes.count / 1_000 {
      bytes[.random(in: bytes.count / 8..<bytes.count / 2, using: &random)] = .random(in: 0...255, using: &random)
    }
    let track = try #require(try SoundTrack(path: try clip.write(bytes, to: "damaged.ts")))
    let heard = HeardSound(track)
    #expect(track.framesCorrupt > 0)
    #expect(heard.samples.allSatisfy { $0.isFinite })
    #expect((3.95...4.1).contains(heard.duration), "\(heard.duration)")
    #expect(heard.loudest(3.05..<3.9) > 0.4)
    #expect(abs(heard.fit(440, 3.1..<3.9).amplitude - 0.5) < 0.02)
    #expect(heard.fit(440, 2.7..<2.95).amplitude < 0.1)
  }

  @Test("a file that is cut short ends where it was cut")
  func truncated() throws {
    let clip = try Clip()
    let whole = try clip.make("clip.mkv", "\(Self.film) -c:a pcm_s16le")
    let length = try clip.read("clip.mkv").count
    let cut = try clip.write(try clip.read("clip.mkv").prefix(length * 3 / 4), to: "cut.mkv")
    let (all, part) = (try Self.hear(whole), try Self.hear(cut))
    #expect((0.8..<all.duration).contains(part.duration))
    #expect(part.samples.prefix(30_000) == all.samples.prefix(30_000))
  }

  @Test(
    "after rewinding the same is heard again",
    arguments: [
      ("mp4", "-c:a aac"), ("mkv", "-c:a libopus -b:a 96k"), ("mkv", "-c:a pcm_s16le -ar 44100"), ("ts", "-c:a ac3"),
      ("avi", "-c:a pcm_s16le"),
    ])
  func rewinding(container: String, codec: String) throws {
    let clip = try Clip()
    let path = try clip.make("clip.\(container)", "\(Self.film) -ac 1 \(codec)")
    let track = try #require(try SoundTrack(path: path))
    // Also before its first and in its middle.
    #expect(track.rewind())
    _ = HeardSound(track, limit: 30)
    #expect(track.rewind())
    let first = HeardSound(track)
    #expect(first.onset.map { abs($0 - 500) < 8 } == true, "\(first.onset ?? 0)")
    #expect(track.nextBlock { _, _ in } == nil)
    for _ in 0..<3 {
      #expect(track.rewind())
      let again = HeardSound(track)
      #expect(again.times == first.times)
      #expect(again.onset.map { abs($0 - 500) < 8 } == true, "\(again.onset ?? 0)")
      #expect(again.fit(440, 0.6..<1.4).signalToNoise > 25)
    }
  }
}
