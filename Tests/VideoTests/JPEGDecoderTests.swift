import NIOCore
import TestSupport
import Testing

@testable import Video

@Suite("JPEG pictures of cameras") struct JPEGDecoderTests {
  private static let (width, height) = (64, 48)
  private static let largestArea = 1 << 20

  /// Ramps, which lose nothing by any subsampling, and stripes of luma, which show what is out of place.
  private static func pixel(_ x: Int, _ y: Int) -> [UInt8] {
    let stripe = y / 8 % 2 * 24
    return [x * 160 / width + stripe + 40, y * 160 / height + stripe + 40, 100 + stripe].map { UInt8($0) }
  }

  private static func jpeg(_ sample: JPEGSample = JPEGSample()) -> [UInt8] { sample.encode(pixel) }

  /// By JFIF.
  private static func original(isGrey: Bool = false, height: Int = height) -> Picture {
    func samples(_ x: Int, _ y: Int) -> [Double] {
      let (r, g, b) = (Double(pixel(x, y)[0]), Double(pixel(x, y)[1]), Double(pixel(x, y)[2]))
      let luma = 0.299 * r + 0.587 * g + 0.114 * b
      return isGrey ? [luma, 128, 128] : [luma, 128 + (b - luma) / 1.772, 128 + (r - luma) / 1.402]
    }
    func chroma(_ index: Int) -> [UInt8] {
      (0..<height / 2).flatMap { y in
        (0..<width / 2).map { x in
          let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map { samples(2 * x + $0.0, 2 * y + $0.1)[index] }
          return UInt8((four.reduce(0, +) / 4).rounded())
        }
      }
    }
    return Picture(
      width: width, height: height,
      luma: (0..<height).flatMap { y in (0..<width).map { UInt8(samples($0, y)[0].rounded()) } }, u: chroma(1),
      v: chroma(2))
  }

  private static func decode(_ bytes: [UInt8]) throws -> Picture {
    var picture = PictureBuffer(width: 2, height: 2)
    var decoder = JPEGDecoder(largestArea: largestArea)
    try bytes.withUnsafeBytes { try decoder.decode($0, into: &picture) }
    return picture.withFrame(captureTime: .uptimeNanoseconds(0)) { Picture(copying: $0) }
  }

  private static func failure(_ bytes: [UInt8]) -> String? {
    do {
      _ = try decode(bytes)
      return nil
    } catch {
      return (error as? JPEGDecoder.Failure)?.reason
    }
  }

  // MARK: What pictures there are

  @Test(
    "every chroma subsampling yields the same picture, however it is expressed",
    arguments: [
      [(2, 2), (1, 1), (1, 1)], [(2, 1), (1, 1), (1, 1)], [(1, 1), (1, 1), (1, 1)], [(1, 2), (1, 1), (1, 1)],
      [(4, 1), (1, 1), (1, 1)], [(4, 2), (1, 1), (1, 1)], [(2, 2), (1, 2), (1, 2)], [(2, 2), (2, 1), (2, 1)],
      [(2, 1), (2, 1), (2, 1)], [(1, 2), (1, 2), (1, 2)], [(4, 1), (2, 1), (2, 1)], [(1, 4), (1, 2), (1, 2)],
      [(2, 2), (1, 1), (1, 2)], [(2, 2), (2, 1), (1, 1)], [(1, 1), (2, 2), (2, 2)], [(1, 4), (1, 1), (1, 1)],
    ])
  func subsampling(_ factors: [(Int, Int)]) throws {
    let seen = try Self.decode(Self.jpeg(JPEGSample(sampling: factors)))
    #expect(seen.meanSquaredError(to: Self.original()) < Picture.errorAt35dB)
  }

  @Test(
    "every coding process of T.81 that libjpeg supports yields the same picture",
    arguments: [.baseline, .progressive, .scanPerComponent, .arithmetic] as [JPEGSample.Process], [0, 1, 3])
  func process(_ process: JPEGSample.Process, restartInterval: Int) throws {
    let seen = try Self.decode(Self.jpeg(JPEGSample(process: process, restartInterval: restartInterval)))
    #expect(seen.meanSquaredError(to: Self.original()) < Picture.errorAt35dB)
  }

  @Test("a picture with one component is grey, whatever its sampling factors", arguments: [(1, 1), (2, 2), (2, 1)])
  func grey(_ factors: (Int, Int)) throws {
    let seen = try Self.decode(Self.jpeg(JPEGSample(colours: .grey, sampling: [factors])))
    #expect(seen.meanSquaredError(to: Self.original(isGrey: true)) < Picture.errorAt35dB)
  }

  @Test("the colours that the Adobe marker states are shown", arguments: [.rgb, .cmyk, .ycck] as [JPEGSample.Colours])
  func adobe(_ colours: JPEGSample.Colours) throws {
    let seen = try Self.decode(Self.jpeg(JPEGSample(colours: colours, quality: 98)))
    #expect(seen.meanSquaredError(to: Self.original()) < Picture.errorAt35dB)
  }

  @Test(
    "a picture has its stated size, even if that is no multiple of a block",
    arguments: [(50, 34), (2, 2), (17, 9)])
  func size(width: Int, height: Int) throws {
    for factors in [(2, 2), (2, 1), (1, 1)] {
      let sample = JPEGSample(width: width, height: height, sampling: [factors, (1, 1), (1, 1)])
      let seen = try Self.decode(sample.encode { _, _ in [200, 100, 50] })
      #expect(seen.width == width && seen.height == height)
      #expect(seen.luma.allSatisfy { abs(Int($0) - 124) <= 2 })
      #expect(seen.u.allSatisfy { abs(Int($0) - 86) <= 2 } && seen.v.allSatisfy { abs(Int($0) - 182) <= 2 })
    }
  }

  // MARK: What is no damage

  private static let usual = JPEGSample(sampling: [(2, 1), (1, 1), (1, 1)], restartInterval: 2)

  private func expectWhole(_ bytes: [UInt8], _ comment: Comment? = nil) {
    #expect((try? Self.decode(bytes)) == (try? Self.decode(Self.jpeg(Self.usual))), comment)
  }

  @Test(
    "stray bytes and fill bytes before a marker are harmless",
    arguments: [
      [0xff], [0xff, 0xff, 0xff], [0], [0x12, 0x34, 0x56], .init(repeating: 0, count: 16), [0xff, 0x00, 0x35],
    ] as [[UInt8]])
  func strayBytes(_ bytes: [UInt8]) {
    let whole = Self.jpeg(Self.usual)
    for (_, code) in JPEGMarkers.all(in: whole).dropFirst() {
      expectWhole(JPEGMarkers.inserting(bytes, before: { $0 == code }, in: whole), "\(bytes) before \(code)")
    }
    expectWhole(JPEGMarkers.inserting(bytes, before: { $0 != 0xd8 }, in: whole), "\(bytes) before all")
  }

  @Test(
    "padding of any length before the end of a picture is harmless",
    arguments: [0, 0x20, 0xaa] as [UInt8])
  func padding(_ byte: UInt8) {
    let whole = Self.jpeg(Self.usual)
    expectWhole(whole.dropLast(2) + [UInt8](repeating: byte, count: 4 * whole.count) + [0xff, 0xd9])
  }

  private static let rubbish: [UInt8] = (0..<512).map { UInt8(truncatingIfNeeded: $0 * $0 / 7 ^ $0 * 31) }

  @Test("other data before and after the picture is harmless")
  func surroundings() {
    let whole = Self.jpeg(Self.usual)
    for rubbish in [[0xff], [0xff, 0xff], [0], [0xff, 0xd8], [0xff, 0xd8, 0, 0], [0xff, 0xd9], Self.rubbish] {
      expectWhole(rubbish + whole, "\(rubbish) before")
      expectWhole(whole + rubbish, "\(rubbish) behind")
      expectWhole(whole.dropLast(2) + rubbish, "\(rubbish) instead of the end")
    }
    expectWhole(whole + whole)
    expectWhole(whole + whole.prefix(100))
  }

  @Test("a picture without an end marker is complete if its samples are")
  func withoutEnd() throws {
    expectWhole(Self.jpeg(Self.usual).dropLast(2))
    for process in [.progressive, .scanPerComponent] as [JPEGSample.Process] {
      let seen = try Self.decode(Self.jpeg(JPEGSample(process: process)).dropLast(2))
      #expect(seen.meanSquaredError(to: Self.original()) < Picture.errorAt35dB)
    }
  }

  @Test("a picture that begins within an incomplete one is shown")
  func anotherStart() {
    let whole = Self.jpeg(Self.usual)
    for length in [2, 20, 100, 200, 400, whole.count / 2, whole.count - 20] {
      expectWhole(whole.prefix(length) + whole, "after \(length) bytes")
    }
    expectWhole(whole.prefix(whole.count / 2) + whole.prefix(whole.count - 20) + whole)
  }

  @Test("the thumbnail of an EXIF segment is never taken for the picture, even if that is damaged")
  func exif() throws {
    let thumbnail = JPEGSample(width: 16, height: 16).encode { _, _ in [0, 0, 0] }
    let whole = JPEGMarkers.adding(0xe1, Array("Exif\0\0".utf8) + thumbnail, to: Self.jpeg(Self.usual))
    expectWhole(whole)
    #expect(Self.failure(whole.dropLast(30)) != nil)
  }

  @Test("a picture without Huffman tables uses the standard ones, whatever came before")
  func withoutTables() throws {
    var decoder = JPEGDecoder(largestArea: Self.largestArea)
    var picture = PictureBuffer(width: 2, height: 2)
    let progressive = Self.jpeg(JPEGSample(process: .progressive))
    try progressive.withUnsafeBytes { try decoder.decode($0, into: &picture) }
    try JPEGMarkers.removing(0xc4, from: Self.jpeg(Self.usual)).withUnsafeBytes {
      try decoder.decode($0, into: &picture)
    }
    let seen = picture.withFrame(captureTime: .uptimeNanoseconds(0)) { Picture(copying: $0) }
    #expect(try seen == Self.decode(Self.jpeg(Self.usual)))
  }

  @Test("comments, application data and unknown versions are harmless")
  func application() {
    var whole = Self.jpeg(Self.usual)
    expectWhole(JPEGMarkers.adding(0xfe, Array("AVI1".utf8), to: whole))
    expectWhole(JPEGMarkers.adding(0xe0, Array("AVI1\0\0\0\0\0\0".utf8), to: JPEGMarkers.removing(0xe0, from: whole)))
    expectWhole(JPEGMarkers.adding(0xe2, Array("ICC_PROFILE\0".utf8) + [9, 1, 0], to: whole))
    expectWhole(
      JPEGMarkers.adding(
        0xee, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 7], to: JPEGMarkers.removing(0xe0, from: whole)))
    // The JFIF version, and the end of the spectral selection.
    whole[11] = 7
    expectWhole(whole)
    let scan = JPEGMarkers.all(in: whole).first { $0.code == 0xda }!.offset
    whole[scan + 12] = 0
    expectWhole(whole)
  }

  // MARK: What is damage

  @Test("a truncated picture is refused wherever it ends and whatever follows")
  func truncated() {
    for sample in [JPEGSample(), Self.usual, JPEGSample(process: .progressive), JPEGSample(process: .scanPerComponent)]
    {
      let whole = Self.jpeg(sample)
      for length in [0, 1, 2, 20, 200, whole.count / 2, whole.count - 20] {
        let cut = Array(whole.prefix(length))
        for end in [[], [0xff, 0xd9]] as [[UInt8]] {
          #expect(Self.failure(cut + end) != nil, "\(sample.process) cut after \(length) of \(whole.count), \(end)")
        }
      }
    }
  }

  @Test("a truncated picture in a padded buffer is refused", arguments: [0, 0x55, 0xaa] as [UInt8])
  func filledUp(_ byte: UInt8) {
    for sample in [JPEGSample(), Self.usual] {
      let whole = Self.jpeg(sample)
      for count in [200, 20 * whole.count] {
        let fill = [UInt8](repeating: byte, count: count)
        for length in [whole.count / 2, whole.count * 3 / 4, whole.count - 50] {
          #expect(Self.failure(whole.prefix(length) + fill) != nil, "cut after \(length), and \(count) bytes")
        }
      }
    }
  }

  @Test("what fills a buffer up is looked for in the buffer only, however large it is")
  func filledUpFar() {
    let cut = Self.jpeg().prefix(300)
    #expect(Self.failure(cut + [UInt8](repeating: 0, count: 1 << 27)) != nil)
  }

  @Test("a picture that lacks a scan is refused", arguments: [.progressive, .scanPerComponent] as [JPEGSample.Process])
  func missingScan(_ process: JPEGSample.Process) {
    let whole = Self.jpeg(JPEGSample(process: process))
    let scans = JPEGMarkers.all(in: whole).filter { $0.code == 0xda }
    for scan in scans.dropFirst() { #expect(Self.failure(Array(whole[..<scan.offset])) == "scans are missing") }
    #expect(
      Self.failure(Array(whole[..<scans[1].offset] + [0xff, 0xd9]))
        == (process == .progressive ? nil : "scans are missing"))
  }

  @Test("a picture with damaged samples is refused")
  func corrupt() throws {
    for sample in [JPEGSample(), Self.usual, JPEGSample(process: .progressive)] {
      let whole = Self.jpeg(sample)
      let scan = try #require(JPEGMarkers.all(in: whole).first { $0.code == 0xda }).offset + 14
      var overwritten = whole
      for offset in stride(from: whole.count / 2, to: whole.count - 10, by: 7) { overwritten[offset] = 0xff }
      #expect(Self.failure(overwritten) != nil)
      #expect(Self.failure(Array(whole[..<(scan + 100)] + whole[(scan + 400)...])) != nil, "300 bytes are missing")
    }
  }

  @Test("misplaced restart markers and many bytes left over before them are damage")
  func lostIntervals() throws {
    let whole = Self.jpeg(Self.usual)
    let restarts = JPEGMarkers.all(in: whole).filter { (0xd0...0xd7).contains($0.code) }
    #expect(Self.failure(Array(whole[..<restarts[1].offset] + whole[restarts[3].offset...])) != nil)
    let behind = JPEGMarkers.inserting(Self.rubbish.filter { $0 != 0xff }, before: { $0 == 0xd2 }, in: whole)
    #expect(Self.failure(behind)?.contains("extraneous bytes") == true)
    #expect(Self.failure(Array(whole.dropLast(2)) + Self.rubbish.filter { $0 != 0xff } + [0xff, 0xd9]) != nil)
  }

  @Test("data that is no picture is refused with a reason")
  func noPicture() {
    #expect(Self.failure([])?.contains("no JPEG picture begins") == true)
    #expect(Self.failure([UInt8](repeating: 0xff, count: 1_000))?.contains("no JPEG picture begins") == true)
    #expect(Self.failure([0xff, 0xd8, 0xff, 0xd9]) == "JPEG datastream contains no image")
    var twelveBits = Self.jpeg()
    twelveBits[JPEGMarkers.all(in: twelveBits).first { $0.code == 0xc0 }!.offset + 4] = 12
    #expect(Self.failure(twelveBits) == "Unsupported JPEG data precision 12")
  }

  @Test("a picture that is too large or has too many scans is refused before it costs much")
  func bounds() {
    #expect(Self.failure(JPEGMarkers.setting(height: 60_000, in: Self.jpeg()))?.contains("too large") == true)
    #expect(Self.failure(Self.jpeg(JPEGSample(process: .bomb(scans: 60)))) == nil)
    #expect(Self.failure(Self.jpeg(JPEGSample(process: .bomb(scans: 180)))) == "more than 64 scans")
  }
}
