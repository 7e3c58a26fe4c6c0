import Testing
import Video

@testable import Capture

@Suite struct Y4MHeaderTests {
  private static func parse(_ tags: String) throws(Y4MError) -> Y4MHeader {
    try Y4MHeader(parsing: Substring(tags))
  }

  @Test("size, rate and range are read from the tags")
  func tags() throws {
    let header = try Self.parse(" W65 H33 F30000:1001 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=FULL Xanything Q7")
    #expect((header.width, header.height) == (65, 33))
    #expect(header.frameRate == FrameRate(30_000, per: 1_001))
    #expect(header.range == .full)
    #expect(header.isPlain)
    #expect((header.chromaWidth, header.chromaHeight) == (33, 17))
    #expect(header.pictureSize == 65 * 33 + 2 * 33 * 17)
  }

  @Test("the defaults are 25 frames per second, limited range, 4:2:0, progressive and square samples")
  func defaults() throws {
    let header = try Self.parse(" H2 W4")
    #expect((header.width, header.height) == (4, 2))
    #expect(header.frameRate == FrameRate(25))
    #expect(header.range == .limited)
    #expect(header.isPlain)
  }

  @Test("an implausible rate is ignored", arguments: ["0:0", "0:1", "1:0", "90000:1", "1:2147483647"])
  func rates(rate: String) throws {
    #expect(try Self.parse(" W2 H2 F\(rate)").frameRate == FrameRate(25))
  }

  @Test("slides may be a minute apart", arguments: [(1, 2), (1, 60), (1, 3_600), (1_001, 30_000)])
  func slowRates(numerator: Int32, denominator: Int32) throws {
    let rate = try Self.parse(" W2 H2 F\(numerator):\(denominator)").frameRate
    #expect(rate == FrameRate(numerator, per: denominator))
  }

  @Test(
    "8-bit 4:2:0 with whole frames and square samples is plain",
    arguments: ["C420", "C420jpeg", "C420mpeg2", "C420paldv", "I?", "A0:0", "A12:12", "XCOLORRANGE=LIMITED"])
  func plain(tag: String) throws {
    #expect(try Self.parse(" W2 H2 \(tag)").isPlain)
  }

  @Test(
    "all other formats are not plain",
    arguments: [
      "C422", "C444", "C411", "Cmono", "C420p10", "C444alpha", "C", "C420JPEG", "It", "Ib", "Im", "I", "A10:11", "A1:0",
      "XYSCSS=411",
    ])
  func other(tag: String) throws {
    #expect(try !Self.parse(" W2 H2 \(tag)").isPlain)
  }

  @Test(
    "a malformed tag is reported with its letter",
    arguments: [
      ("W", Character("W")), ("W-1", "W"), ("W+1", "W"), ("W1x", "W"), ("W2147483648", "W"), ("W٣", "W"),
      ("H99999999999999999999", "H"), ("F25", "F"), ("F25:", "F"), ("F:1", "F"), ("F25:1:1", "F"), ("F-25:1", "F"),
      ("F4294967296:1", "F"), ("A1", "A"), ("A1/1", "A"),
    ])
  func malformed(tag: String, letter: Character) {
    #expect(throws: Y4MError.malformedTag(letter)) { try Self.parse(" W2 H2 \(tag)") }
  }

  @Test("pictures without a size are refused", arguments: ["", " W2", " H2", " W0 H2", " W2 H0"])
  func noSize(tags: String) {
    #expect(throws: Y4MError.noSize) { try Self.parse(tags) }
  }

  @Test("the largest numbers do not overflow")
  func largest() throws {
    let header = try Self.parse(" W2147483647 H2147483647 F2147483647:2147483647")
    #expect(!DisplayGeometry.isPlayable(width: header.width, height: header.height))
  }
}
