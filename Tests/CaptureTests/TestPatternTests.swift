import Capture
import NIOCore
import Testing
import Video

@Suite struct TestPatternTests {
  private static func pattern(_ source: String) throws -> TestPattern {
    TestPattern(try TestPatternSpecification(parsing: source))
  }

  private static func next(_ pattern: TestPattern, notBefore: NIODeadline = .uptimeNanoseconds(0)) throws -> Samples {
    try #require(try pattern.nextFrame(notBefore: notBefore) { Samples(copying: $0) })
  }

  @Test("sizes and rates of a test pattern are read and have defaults")
  func specification() throws {
    func read(_ source: String) throws -> [Int] {
      let format = try TestPatternSpecification(parsing: source).format
      return [format.width, format.height, Int(format.frameRate.framesPerSecond)]
    }
    #expect(try read("pattern") == [640, 480, 25])
    #expect(try read("pattern:1280x720@30") == [1280, 720, 30])
    #expect(try read("pattern:320x240") == [320, 240, 25])
    #expect(try read("pattern:@5") == [640, 480, 5])
    #expect(TestPatternSpecification.isPattern("pattern:oops"))
    #expect(!TestPatternSpecification.isPattern("patterns.mp4"))
  }

  @Test(
    "an invalid test pattern is refused with a reason",
    arguments: [
      "movie.mp4", "patterns", "pattern:", "pattern:640", "pattern:640x", "pattern:x480", "pattern:640x480x2",
      "pattern:641x480", "pattern:640x481", "pattern:62x480", "pattern:4098x480", "pattern:640x480@", "pattern:@0",
      "pattern:@121", "pattern:640x480@-5", "pattern:+640x480", "pattern:640x480@25@25", "pattern:٦٤٠x480",
      "pattern:99999999999999999999x480", "pattern: 640x480",
    ])
  func refused(source: String) {
    #expect { try TestPatternSpecification(parsing: source) } throws: { error in
      guard case .invalidPattern(let reason) = error as? CaptureError else { return false }
      // A quotation of nothing tells a person nothing.
      return !reason.isEmpty && !reason.contains("''")
    }
  }

  @Test(
    "sixteen blocks show the frame number with the most significant bit first",
    arguments: ["64x64", "640x480", "1280x720"])
  func counter(size: String) throws {
    let pattern = try Self.pattern("pattern:\(size)@120")
    for number in [0, 1, 2, 3, 170, 4095, 65_535, 65_536, 65_537] {
      let time = pattern.format.frameRate.time(ofFrame: Int64(number))
      let picture = try Self.next(pattern, notBefore: time)
      #expect(picture.captureTime == time)
      for y in picture.height * 7 / 16..<picture.height * 9 / 16 {
        for block in 0..<16 {
          let isSet = number % 65_536 & 1 << (15 - block) != 0
          for x in block * picture.width / 16..<(block + 1) * picture.width / 16 {
            guard picture.luma[y * picture.width + x] == (isSet ? 235 : 16), picture.chroma(x, y) == [128, 128] else {
              Issue.record("frame \(number), block \(block), at \(x),\(y)")
              return
            }
          }
        }
      }
    }
  }

  @Test("a frame is the same whatever was drawn before it", arguments: ["64x64", "322x242", "640x480"])
  func deterministic(size: String) throws {
    let sequential = try Self.pattern("pattern:\(size)@25")
    for number in 0..<400 {
      let picture = try Self.next(sequential)
      guard number % 37 == 0 else { continue }
      let fresh = try Self.pattern("pattern:\(size)@25")
      #expect(try Self.next(fresh, notBefore: picture.captureTime) == picture, "frame \(number)")
    }
  }

  @Test("the picture changes outside of the counter from each frame to the next")
  func moves() throws {
    let pattern = try Self.pattern("pattern")
    var previous = try Self.next(pattern)
    for _ in 0..<100 {
      let picture = try Self.next(pattern)
      let (disc, clock) = (0..<480 * 7 / 16 * 640, 480 * 9 / 16 * 640..<480 * 640)
      #expect(picture.luma[disc] != previous.luma[disc])
      #expect(picture.luma[clock] != previous.luma[clock])
      previous = picture
    }
  }

  @Test("every sample is within the limited range")
  func range() throws {
    let picture = try Self.next(try Self.pattern("pattern"))
    #expect(picture.luma.allSatisfy { (16...235).contains($0) })
    #expect((picture.u + picture.v).allSatisfy { (16...240).contains($0) })
  }

  @Test("capture times are media time at the exact rate, and late readers skip frames")
  func times() throws {
    let pattern = try Self.pattern("pattern:64x64@30")
    #expect(pattern.timeline == .media)
    #expect(try Self.next(pattern).captureTime == .uptimeNanoseconds(0))
    #expect(try Self.next(pattern).captureTime == .uptimeNanoseconds(33_333_333))
    #expect(
      try Self.next(pattern, notBefore: .uptimeNanoseconds(1_000_000_000)).captureTime
        == .uptimeNanoseconds(1_000_000_000))
    #expect(try Self.next(pattern).captureTime == .uptimeNanoseconds(1_033_333_333))
  }
}
