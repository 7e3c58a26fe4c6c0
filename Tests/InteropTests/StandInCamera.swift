import Foundation
import TestSupport
import Video

/// A made-up camera that sees the test pattern, over and over, for a program that is started with its environment.
final class StandInCamera {
  static let format = VideoFormat(width: 640, height: 480, frameRate: FrameRate(25))
  static let stableName = "usb-Acme_Cam-video-index0"
  private static let library = Call.products.appending(path: "libCameraStandIn.so").path

  let clip: Clip
  let standIn: CameraStandIn
  private let root: URL

  /// - Parameter fourCC: YUYV, H.264 or H.265.
  init(node: String = "video0", as fourCC: CameraStandInDescription.FourCC = .yuyv) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    let (devices, frames) = (root.appending(path: "dev"), root.appending(path: "frames"))
    for directory in [devices, frames] {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }
    clip = try Clip(Self.format, frames: 100)
    let isRaw = fourCC == .yuyv
    let name = isRaw ? "YUYV" : fourCC == .h264 ? "H264" : "HEVC"
    let path = frames.appending(path: "\(name)-640x480")
    if isRaw { try clip.yuyv().write(to: path) } else { try clip.encode(to: path.path, asH264: fourCC == .h264) }
    standIn = try CameraStandIn(
      directory: devices.path, node: node, byID: Self.stableName, formats: [.init(fourCC, rates: [25])],
      controls: [.brightness], pace: .clock,
      frames: frames.path)
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  var environment: [String: String] { standIn.environment(library: Self.library) }
}
