import Testing
import Video

@Suite("The sizes that a source may be encoded in")
struct PictureLadderTests {
  private static func sizes(_ width: Int, _ height: Int) -> [String] {
    PictureLadder(source: .init(width: width, height: height)).sizes.map(\.description)
  }

  @Test("are its own and 3/4, 1/2, 3/8 and so on of it, down to about 320 samples")
  func steps() {
    #expect(Self.sizes(1280, 720) == ["1280x720", "960x540", "640x360", "480x270", "320x180"])
    #expect(Self.sizes(640, 480) == ["640x480", "480x360", "320x240"])
    #expect(Self.sizes(640, 272) == ["640x272", "480x204", "320x136"])
    #expect(
      Self.sizes(1920, 1080) == ["1920x1080", "1440x810", "960x540", "720x406", "480x270", "360x202"])
  }

  @Test("go by the longer side, so that an upright picture has the same steps")
  func upright() {
    #expect(Self.sizes(720, 1280) == ["720x1280", "540x960", "360x640", "270x480", "180x320"])
  }

  @Test("go down to about 160 samples where the source is small already, and no further")
  func small() {
    #expect(Self.sizes(320, 240) == ["320x240", "240x180", "160x120"])
    #expect(Self.sizes(176, 144) == ["176x144", "132x108"])
    #expect(Self.sizes(160, 120) == ["160x120"])
    #expect(Self.sizes(64, 64) == ["64x64"])
    #expect(Self.sizes(1, 1) == ["1x1"])
  }

  @Test("are even, become smaller and keep the aspect ratio, whatever the source is")
  func properties() {
    for width in stride(from: 1, through: 4_000, by: 37) {
      for height in [1, 17, 240, 481, 1_080, 2_161] where (width / 8...width * 8).contains(height) {
        let source = PictureSize(width: width, height: height)
        let sizes = PictureLadder(source: source).sizes
        #expect(sizes.first == source)
        for (size, larger) in zip(sizes.dropFirst(), sizes) {
          #expect(size.width % 2 == 0 && size.height % 2 == 0)
          #expect(max(size.width, size.height) < max(larger.width, larger.height))
          // Rounding moves each side by one sample.
          let expected = Double(size.width) * Double(height) / Double(width)
          #expect(abs(Double(size.height) - expected) <= 2 + Double(height) / Double(width), "\(source): \(size)")
        }
      }
    }
  }
}
