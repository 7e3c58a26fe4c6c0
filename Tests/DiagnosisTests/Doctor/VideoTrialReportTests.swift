import Capture
import NIOCore
import Testing
import Video

@testable import Diagnosis

@Suite("What a doctor says of capturing and encoding")
struct VideoTrialReportTests {
  /// 75 pictures of 640x480 at 25 fps in 3 s, at 4 ms each.
  private static func report(_ change: (inout VideoTrialReport) -> Void = { _ in }) -> VideoTrialReport {
    var report = VideoTrialReport(
      format: VideoFormat(width: 640, height: 480, frameRate: FrameRate(25)),
      mode: CameraMode(
        path: "/dev/video0", stablePath: nil, card: "Acme Cam", format: "YUYV", width: 640, height: 480, rate: 25,
        cost: .conversion),
      remark: nil, isLive: true)
    report.framesEncoded = 76
    report.duration = .seconds(3)
    report.encodeTime = .milliseconds(3)
    report.processorTime = .milliseconds(4)
    change(&report)
    return report
  }

  private static func finding(
    _ subject: DoctorFinding.Subject, sizes: [PictureSize] = [], _ change: (inout VideoTrialReport) -> Void = { _ in }
  ) -> DoctorFinding? {
    report(change).findings(sizes: sizes).first { $0.subject == subject }
  }

  private static func cost(_ milliseconds: Int64) -> (inout VideoTrialReport) -> Void {
    { $0.processorTime = .milliseconds(milliseconds) }
  }

  @Test("all is well: format and what it costs, pictures a second, time a picture, share of a core")
  func fine() {
    #expect(
      Self.report().findings(sizes: []) == [
        .ok(.format, "YUYV 640x480 at 25 fps, cheaply converted"), .ok(.capture, "25 frames per second"),
        .ok(.encoder, "3.0 ms per frame of 640x480; with capturing, 10 % of one core at 25 fps"),
      ])
  }

  @Test("a source that is no camera has no format to tell, and a file no rate")
  func file() {
    let findings = Self.report {
      $0.mode = nil
      $0.isLive = false
    }.findings(sizes: [])
    #expect(findings.map(\.subject) == [.encoder])
  }

  // MARK: Format

  @Test("a size that the camera has not, and a format that is slow to read, are warnings")
  func formats() {
    let other = Self.finding(.format) { $0.remark = "the nearest is 640x480" }
    #expect(other?.level == .warning && other?.fix?.contains("jinglecam devices") == true)
    let slow = Self.finding(.format) {
      $0.mode = CameraMode(
        path: "/dev/video0", stablePath: nil, card: "Acme Cam", format: "PJPG", width: 640, height: 480, rate: nil,
        cost: .library)
    }
    #expect(slow?.level == .warning && slow?.text.contains("does not tell") == true)
  }

  @Test("a camera that only compresses is a warning, which says what it costs")
  func video() {
    let finding = Self.finding(.format) {
      $0.remark = "/dev/video0 gives only H264, which is decoded in software, which is slow"
      $0.mode = CameraMode(
        path: "/dev/video0", stablePath: nil, card: "Acme Cam", format: "H264", width: 640, height: 480, rate: 30,
        cost: .video)
    }
    #expect(finding?.level == .warning)
    #expect(finding?.text == "H264 640x480 at 30 fps, decoded in software, which is slow")
  }

  // MARK: Capture

  @Test("a camera that gives no picture is a problem")
  func silent() {
    for frames in [0, 5] {
      let findings = Self.report {
        $0.framesEncoded = frames
        $0.framesWithoutSignal = frames
      }.findings(sizes: [])
      #expect(findings.map(\.subject) == [.format, .capture])
      #expect(findings.last?.cause == .unavailable && findings.last?.fix?.contains("dmesg") == true)
    }
  }

  @Test("a camera whose pictures cannot be decoded is not to be plugged in again")
  func undecodable() {
    let finding = Self.finding(.capture) {
      ($0.framesEncoded, $0.framesWithoutSignal, $0.framesCorrupt) = (5, 5, 90)
      $0.trouble = .undecodable(reason: "Corrupt JPEG data: bad Huffman code")
    }
    #expect(finding?.level == .problem && finding?.cause == .unavailable)
    #expect(finding?.text == "the camera sends pictures that cannot be decoded: Corrupt JPEG data: bad Huffman code")
    #expect(finding?.fix?.contains("--size") == true && finding?.fix?.contains("unplug it") == false)
  }

  @Test("fewer pictures than the camera promised are a warning; those that were left out came, too")
  func slow() {
    let dark = Self.finding(.capture) { $0.framesEncoded = 46 }
    #expect(dark?.level == .warning && dark?.text == "15 frames per second instead of 25")
    #expect(dark?.fix?.contains("/dev/video0") == true)
    let busy = Self.finding(.capture) { ($0.framesEncoded, $0.framesSkipped) = (46, 30) }
    #expect(busy == .ok(.capture, "25 frames per second"))
  }

  @Test("damaged pictures, and a signal that comes and goes, are warnings")
  func damaged() {
    let damaged = Self.finding(.capture) { $0.framesCorrupt = 24 }
    #expect(damaged?.level == .warning && damaged?.text.contains("24 in 100") == true)
    #expect(Self.finding(.capture) { $0.framesCorrupt = 1 }?.level == .ok)
    let gone = Self.finding(.capture) { $0.framesWithoutSignal = 3 }
    #expect(gone?.level == .warning && gone?.fix?.contains("cable") == true)
  }

  // MARK: Encoder

  @Test("a computer that cannot keep up is told the largest of the camera's sizes that it can")
  func overloaded() {
    let sizes = [(320, 240), (640, 480), (160, 120), (352, 288)].map { PictureSize(width: $0.0, height: $0.1) }
    // 80 ms where there are 40: at 0.7 of a core, 107,520 of 307,200 pixels are left.
    let finding = Self.finding(.encoder, sizes: sizes, Self.cost(80))
    #expect(finding?.cause == .load && finding?.text.contains("cannot keep up") == true)
    #expect(finding?.text.contains("200 % of one core") == true)
    #expect(finding?.fix == "--size 352x288 is what it can do, or --fps 8")
  }

  @Test("where the sizes are not known, or all are too large, one of the same shape is named")
  func scaled() {
    #expect(Self.finding(.encoder, Self.cost(80))?.fix == "--size 368x272 is what it can do, or --fps 8")
    let large = [PictureSize(width: 640, height: 480)]
    #expect(Self.finding(.encoder, sizes: large, Self.cost(400))?.fix == "--size 160x112 is what it can do")
  }

  @Test("little room is a warning, and so is somebody else who takes it")
  func tight() {
    #expect(Self.finding(.encoder, Self.cost(27))?.level == .ok)
    #expect(Self.finding(.encoder, Self.cost(30))?.level == .warning)
    #expect(Self.finding(.encoder, Self.cost(37))?.level == .problem)
    let crowded = Self.finding(.encoder) { $0.framesSkipped = 30 }
    #expect(crowded?.level == .warning && crowded?.fix?.contains("top") == true)
  }

  @Test("too few pictures tell nothing")
  func few() {
    let finding = Self.finding(.encoder) { $0.processorTime = nil }
    #expect(finding?.level == .warning)
  }
}
