import Capture
import Foundation
import Testing
import Video

@testable import Diagnosis

@Suite("What a doctor says of the source")
struct SourceReportTests {
  /// What `devices --json` prints of another camera, which is all right.
  private static func other(_ path: String = "/dev/video2", problem: String? = nil) throws -> CameraDescription {
    let problem = problem.map { #","problem":"\#($0)""# } ?? ""
    let text = #"{"path":"\#(path)","card":"Acme","driver":"uvc","bus":"","formats":[],"controls":[]\#(problem)}"#
    return try JSONDecoder().decode(CameraDescription.self, from: Data(text.utf8))
  }

  private static func finding(
    _ error: CaptureError, source: String = "/dev/video0", cameras: [CameraDescription] = []
  ) -> DoctorFinding? {
    SourceReport(source: source, outcome: .refused(error), cameras: cameras).findings.first
  }

  @Test("a camera that is open is named, by the name by which it is found again, too")
  func opened() {
    let mode = CameraMode(
      path: "/dev/video0", stablePath: "/dev/v4l/by-id/acme", card: "Acme Cam", format: "NV12", width: 640,
      height: 480, rate: 25, cost: .none)
    let report = VideoTrialReport(
      format: VideoFormat(width: 640, height: 480, frameRate: FrameRate(25)), mode: mode, remark: nil, isLive: true)
    let findings = SourceReport(source: "camera", outcome: .seen(report)).findings
    #expect(findings.first == .ok(.camera, "/dev/video0, Acme Cam, always found as /dev/v4l/by-id/acme"))
  }

  @Test("what is no camera is no problem, and standard input is not tried")
  func others() {
    let report = VideoTrialReport(
      format: VideoFormat(width: 640, height: 480, frameRate: FrameRate(25)), mode: nil, remark: nil, isLive: false)
    #expect(SourceReport(source: "pattern", outcome: .seen(report)).findings.first?.level == .ok)
    #expect(SourceReport(source: "-", outcome: .untried).findings.map(\.level) == [.warning])
    #expect(SourceReport(source: "a.mp4", outcome: .failed("why")).findings.map(\.cause) == [.encoder])
  }

  @Test(
    "of each refusal the cause is told, and something to do",
    arguments: [
      (.noCamera, "plug one in"), (.noSuchCamera(path: "/dev/video0"), "jinglecam devices"),
      (.rawSensor(path: "/dev/video0"), "sudo apt install rpicam-apps"),
      (.libcameraFailed(program: "rpicam-vid", reason: "no cameras available"), "ribbon cable"),
      (.notCamera(path: "/dev/video0", reason: "it offers only H264"), "jinglecam devices"),
      (.cameraForbidden(path: "/dev/video0", group: "video"), "usermod -aG video"),
      (.cameraForbidden(path: "/dev/video0", group: nil), "sudo"),
      (.cameraBusy(path: "/dev/video0", holder: "ffmpeg (process 7)"), "end that"),
      (.cameraBusy(path: "/dev/video0", holder: nil), "end that"),
      (.cameraBusy(path: "/dev/video0", holder: "jinglecam (process 7)"), "systemctl stop jinglecam"),
      (.noBusBandwidth(path: "/dev/video0"), "--size"),
      (.cameraFailed(path: "/dev/video0", reason: "Input/output error"), "dmesg"),
      (.invalidControl("brightness cannot be set"), "jinglecam devices /dev/video0"),
      (.noSuchFile(path: "a.mp4", reason: "No such file or directory"), "name a file"),
      (.notVideo(path: "a.txt", reason: "no video"), "another file"),
      (.unsupported(path: "a.mp4", reason: "no decoder"), "another file"),
      (.missingLibrary(reason: "libavformat.so.59", packages: ["libavformat59"]), "install libavformat59"),
      (.invalidPattern("'pattern:x' is no pattern"), "pattern[:WIDTHxHEIGHT@FPS]"),
      (.invalidInput("no header"), "name a camera"),
    ] as [(CaptureError, String)])
  func refused(error: CaptureError, cure: String) throws {
    let finding = try #require(Self.finding(error))
    #expect(finding.level == .problem && finding.subject == .camera && finding.cause == .source(error))
    #expect(finding.fix?.contains(cure) == true, "\(finding)")
    #expect(!finding.text.isEmpty && !finding.text.contains(cure))
  }

  @Test("where another camera would do, it is named; not the same one, and none with a problem")
  func alternative() throws {
    let cameras = [try Self.other("/dev/video0"), try Self.other("/dev/video1", problem: "busy"), try Self.other()]
    let raw = Self.finding(.rawSensor(path: "/dev/video0"), cameras: cameras)
    #expect(raw?.fix?.hasSuffix("; or name /dev/video2 (Acme), which can be streamed") == true)
    let alone = Self.finding(.rawSensor(path: "/dev/video0"), cameras: [cameras[0], cameras[1]])
    #expect(alone?.fix?.contains("or name") == false)
    let busy = Self.finding(.cameraBusy(path: "/dev/video0", holder: nil), cameras: cameras)
    #expect(busy?.fix == "end that program first")
  }

  @Test("the sizes of the camera that is open are those that are recommended")
  func sizes() throws {
    let sizes = #"[{"width":352,"height":288,"rates":[],"isRateRange":false}]"#
    let format = #"{"name":"YUYV","description":"","isUsable":true,"sizes":\#(sizes)}"#
    let text = #"{"path":"/dev/video0","card":"","driver":"","bus":"","formats":[\#(format)],"controls":[]}"#
    let camera = try JSONDecoder().decode(CameraDescription.self, from: Data(text.utf8))
    let mode = CameraMode(
      path: "/dev/video0", stablePath: nil, card: "", format: "YUYV", width: 640, height: 480, rate: 25, cost: .none)
    var report = VideoTrialReport(
      format: VideoFormat(width: 640, height: 480, frameRate: FrameRate(25)), mode: mode, remark: nil, isLive: true)
    (report.framesEncoded, report.duration) = (76, .seconds(3))
    (report.encodeTime, report.processorTime) = (.milliseconds(80), .milliseconds(80))
    let findings = SourceReport(source: "camera", outcome: .seen(report), cameras: [camera]).findings
    #expect(findings.last?.fix?.hasPrefix("--size 352x288") == true)
  }
}
