import NIOCore
import TestSupport
import Testing
import Video

@testable import Capture

/// A camera that compresses its pictures from one to the next, and offers nothing else.
@Suite(
  "H.264 and H.265 of a camera",
  .enabled(if: Clip.isPossible, "install ffmpeg; with CI=true it must be there"))
struct CameraVideoTests {
  typealias FourCC = CameraStandInDescription.FourCC
  private static let (width, height) = (64, 48)
  /// From one key frame to the next.
  private static let group = 5

  /// Of the left half; the right half is coarse, and another in each picture, so that an access unit is worth damaging.
  private static func level(_ picture: Int) -> Int { 60 + 12 * picture }

  /// Access units, each with a delimiter before it.
  private static func units(
    _ fourCC: FourCC, pictures: Int = 10, width: Int = width, height: Int = height
  ) throws -> [[UInt8]] {
    let clip = try Clip()
    var generator = SeededGenerator(seed: 7)
    var bytes: [UInt8] = []
    for picture in 0..<pictures {
      for _ in 0..<height {
        bytes += [UInt8](repeating: UInt8(level(picture)), count: width / 2)
        for _ in 0..<width / 2 { bytes.append(UInt8.random(in: 16...235, using: &generator)) }
      }
      bytes += [UInt8](repeating: 128, count: width * height / 2)
    }
    _ = try clip.write(bytes, to: "pictures.yuv")
    let parameters = "aud=1:bframes=0:scenecut=0:keyint=\(group):min-keyint=\(group)"
    let encoder =
      fourCC == .h264
      ? "-c:v libx264 -x264-params \(parameters) -f h264"
      : "-c:v libx265 -x265-params \(parameters):log-level=none:repeat-headers=1 -f hevc"
    _ = try clip.make(
      "stream", "-f rawvideo -pix_fmt yuv420p -s \(width)x\(height) -r 25 -i pictures.yuv -crf 12 \(encoder)")
    let stream = try clip.read("stream")
    let delimiter: [UInt8] = fourCC == .h264 ? [0, 0, 0, 1, 9] : [0, 0, 0, 1, 70]
    let starts = stream.indices.filter { stream[$0...].starts(with: delimiter) }
    let units = zip(starts, starts.dropFirst() + [stream.count]).map { Array(stream[$0..<$1]) }
    try #require(units.count == pictures)
    return units
  }

  private static func camera(
    _ fourCC: FourCC, _ units: some Sequence<[UInt8]>, pace: CameraStandIn.Pace = .manual
  ) throws -> TestCamera {
    try TestCamera([.init(fourCC, sizes: [.init(width, height)])], pace: pace, frames: Array(units.joined()))
  }

  /// Luma at the left.
  private static func see(_ source: CameraSource) throws -> Int {
    try source.nextFrame { Int($0.luma.base[$0.height / 2 * $0.luma.stride + $0.width / 8]) }!
  }

  private static func isNear(_ seen: Int, _ picture: Int) -> Bool { abs(seen - level(picture)) <= 4 }

  @Test("each picture of compressed video is shown, and its cost is stated", arguments: [FourCC.h264, .hevc])
  func shown(_ fourCC: FourCC) throws {
    let camera = try Self.camera(fourCC, Self.units(fourCC))
    let source = try camera.open()
    #expect(source.remark?.contains("decoded in software, which is slow") == true)
    #expect(source.mode.cost == .video)
    for picture in 0..<10 {
      try camera.standIn.deliver()
      #expect(try Self.isNear(Self.see(source), picture), "picture \(picture)")
    }
    #expect(source.counters == SourceCounters() && source.trouble == nil)
  }

  @Test(
    "pictures before the first key frame are not shown and not counted as damaged", arguments: [FourCC.h264, .hevc])
  func keyFrame(_ fourCC: FourCC) throws {
    let units = try Self.units(fourCC)
    let camera = try Self.camera(fourCC, units.dropFirst())
    let source = try camera.open()
    try camera.standIn.deliver(Self.group)
    #expect(try Self.isNear(Self.see(source), Self.group))
    #expect(source.counters == SourceCounters())
  }

  @Test(
    "after a truncated access unit nothing is shown until the next key frame", arguments: [FourCC.h264, .hevc])
  func damaged(_ fourCC: FourCC) throws {
    let camera = try Self.camera(fourCC, Self.units(fourCC))
    let source = try camera.open()
    try camera.standIn.deliver()
    #expect(try Self.isNear(Self.see(source), 0))
    camera.standIn.truncate(next: 1)
    try camera.standIn.deliver(Self.group)
    #expect(try Self.isNear(Self.see(source), Self.group))
    // FFmpeg's decoder of H.265 takes a slice that ends early for a whole one.
    #expect(source.counters.framesCorrupt == (fourCC == .h264 ? 1 : 0))
  }

  @Test("an empty buffer is damage and not the end of the stream", arguments: [FourCC.h264, .hevc])
  func empty(_ fourCC: FourCC) throws {
    let decoder = try AccessUnitDecoder(fourCC == .h264 ? .h264 : .h265, path: "camera")
    let units = try Self.units(fourCC)
    func decode(_ unit: [UInt8]) -> FrameUnpacker.Outcome {
      unit.withUnsafeBytes { decoder.decode($0, isContinuous: true) }
    }
    #expect(decode(units[0]) == .picture)
    guard case .damaged = decode([]) else {
      Issue.record("nothing at all made a picture")
      return
    }
    #expect(decode(units[Self.group]) == .picture)
  }

  @Test(
    "after a picture that the driver lost nothing is shown until the next key frame", arguments: [FourCC.h264, .hevc])
  func lost(_ fourCC: FourCC) throws {
    let camera = try Self.camera(fourCC, Self.units(fourCC, pictures: 12))
    let source = try camera.open()
    // The ninth finds no buffer.
    try camera.standIn.deliver(9)
    #expect(try Self.isNear(Self.see(source), 7))
    #expect(source.counters.framesSkipped == 7)
    try camera.standIn.deliver(2)
    #expect(try Self.isNear(Self.see(source), 2 * Self.group))
    #expect(source.counters.framesSkipped == 7, "the tenth is made out of the ninth, and no picture")
    #expect(source.counters.framesCorrupt == 0)
  }

  @Test(
    "after a picture marked as damaged nothing is shown until the next key frame", arguments: [FourCC.h264, .hevc])
  func marked(_ fourCC: FourCC) throws {
    let camera = try Self.camera(fourCC, Self.units(fourCC))
    let source = try camera.open()
    try camera.standIn.deliver()
    #expect(try Self.isNear(Self.see(source), 0))
    camera.standIn.markErroneous(next: 1)
    try camera.standIn.deliver(Self.group)
    #expect(try Self.isNear(Self.see(source), Self.group))
    #expect(source.counters.framesSkipped == 0 && source.counters.framesCorrupt == 1)
  }

  @Test("a camera without key frames reports it", arguments: [FourCC.h264, .hevc])
  func undecodable(_ fourCC: FourCC) throws {
    let camera = try Self.camera(fourCC, Self.units(fourCC).dropFirst().prefix(Self.group - 1), pace: .clock)
    let source = try camera.open()
    #expect(try !source.nextFrame { _ in source.hasSignal }!)
    guard case .undecodable(let reason)? = source.trouble else {
      Issue.record("\(String(describing: source.trouble))")
      return
    }
    #expect(reason.contains("no key frame"))
  }

  @Test("waiting pictures are decoded, and the newest one is shown")
  func behind() throws {
    let camera = try Self.camera(.h264, Self.units(.h264))
    let source = try camera.open()
    try camera.standIn.deliver(4)
    #expect(try Self.isNear(Self.see(source), 3))
    #expect(source.counters.framesSkipped == 3 && source.counters.framesCorrupt == 0)
  }

  @Test("pictures above the requested rate are decoded but not shown")
  func rate() throws {
    let camera = try Self.camera(.h264, Self.units(.h264), pace: .clock)
    camera.standIn.unlistRates(.unanswered)
    let source = try camera.open(.init(frameRate: FrameRate(5), patience: .seconds(5)))
    for _ in 0..<4 { #expect(try source.nextFrame { _ in source.hasSignal }!) }
    #expect(source.counters.framesCorrupt == 0)
  }

  @Test("a few surplus rows are cut off, and any other size is followed", arguments: [(64, 56), (96, 64)])
  func otherSize(width: Int, height: Int) throws {
    let camera = try Self.camera(.h264, Self.units(.h264, width: width, height: height))
    let source = try camera.open()
    try camera.standIn.deliver()
    let size = try source.nextFrame { PictureSize(width: $0.width, height: $0.height) }!
    let isCut = height - Self.height <= 16 && width == Self.width
    #expect(size == PictureSize(width: isCut ? Self.width : width, height: isCut ? Self.height : height))
    #expect(source.format.width == size.width && source.format.height == size.height)
  }

  @Test("the source camera selects the node of a camera that has an uncompressed format")
  func otherNode() throws {
    let camera = try Self.camera(.h264, Self.units(.h264))
    let other = try camera.addNode("video2", [.init(.yuyv, sizes: [.init(64, 48)])], pace: .clock)
    #expect(CameraFinder.firstChoice(in: camera.directory) == other.path)
  }
}
