import Foundation
import Testing
import Video

/// One bad viewer does not harm the others. He is simulated by `scripts/viewer/bad.py`.
@Suite(
  "jinglecam serve with a bad viewer beside a good one",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeBadViewerTests {
  /// Of a clip that is shown again and again: each part holds the same pictures, and one key frame that is due.
  private static let clipFrames = 100
  /// A tenth: alone, the same pictures differ by up to 3 %.
  private static let change = 0.1

  enum Kind: String, CaseIterable {
    case lossy, lossier, demanding, slow

    /// Alone, the same pictures differ by up to 0.3 dB; the layers, of which those are sent the lower whose network takes
    /// less or loses much, cost up to 1.3.
    var decibels: Double { self == .slow || self == .lossier ? 2 : 1 }

    var options: [String] {
      switch self {
      case .lossy: ["--simulate-loss", "0.05"]
      case .lossier: ["--simulate-loss", "0.2"]
      case .demanding: ["--demand-key-frames"]
      case .slow: ["--claim-bitrate", "50000"]
      }
    }
  }

  private struct Part: Decodable {
    let framesDistinct: Int
    let psnrMean: Double
    let bytesReceived: Int
    let keyFrames: Int
  }

  /// The next one for which no picture was left out: a machine that was too slow for it says nothing of the viewers.
  private func part(of viewer: Viewer) async throws -> Part {
    while true {
      let part = try JSONDecoder().decode(Part.self, from: Data(try await viewer.line(of: "part").utf8))
      if part.framesDistinct == Self.clipFrames { return part }
    }
  }

  private func isHarmless(_ beside: Part, _ alone: Part, _ kind: Kind) -> Bool {
    let change = Double(beside.bytesReceived) / Double(alone.bytesReceived) - 1
    return beside.psnrMean >= alone.psnrMean - kind.decibels && abs(change) <= Self.change
      && beside.keyFrames <= alone.keyFrames + 1
  }

  @Test("the good one's picture and bitrate stay as they were", arguments: Kind.allCases)
  func harmless(_ kind: Kind) async throws {
    let clip = try Clip(VideoFormat(width: 640, height: 480, frameRate: FrameRate(25)), frames: Self.clipFrames)
    let other = try World.current().pair().viewer
    let camera = try await ServedCamera(
      clip.path, allowing: [other], options: ["--loop", "--bitrate", "250k", "--fixed"])
    let good = try await camera.caller(nil, ["--reference", clip.path, "--part", "\(Self.clipFrames)"])
    // The rate control settles.
    _ = try await part(of: good)
    let alone = try await part(of: good)
    let bad = try await camera.caller(other, kind.options)
    try await bad.wait(for: "first-packet")
    // He joins in one of these, which may have been over already.
    for _ in 0..<2 { _ = try await part(of: good) }
    var beside = try await part(of: good)
    // What he does he does all the time. A moment in which the machine is slow, and the encoder with it, passes.
    for _ in 0..<5 where !isHarmless(beside, alone, kind) { beside = try await part(of: good) }
    bad.interrupt()
    #expect(try await bad.summary().outcome == "interrupted")
    good.interrupt()
    #expect(isHarmless(beside, alone, kind), "\(alone) \(beside)")
    try await camera.stop()
  }
}
