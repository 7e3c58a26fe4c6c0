import Foundation
import TestSupport
import Video

@testable import Capture

/// A made-up camera in a `/dev` of its own, whose pictures are all of one colour.
final class TestCamera {
  typealias Format = CameraStandInDescription.Format
  typealias Size = CameraStandInDescription.Size

  static let stableName = "usb-Acme_Cam-video-index0"
  /// Of every sample, in the colour space of the format: limited range, and full for JPEG.
  static let (y, u, v) = (UInt8(110), UInt8(90), UInt8(170))

  let standIn: CameraStandIn
  private let root: URL

  /// - Parameter frames: instead of that colour, one after another.
  init(
    _ formats: [Format] = [.init(.yuyv, sizes: [Size(64, 48)])], node: String = "video0", byID: String? = stableName,
    kind: CameraStandInDescription.Kind = .capture, pace: CameraStandIn.Pace = .manual,
    card: String = "Acme Cam", driver: String = "uvcvideo", frames content: [UInt8]? = nil
  ) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    let frames = root.appending(path: "frames")
    let devices = root.appending(path: "dev")
    try FileManager.default.createDirectory(at: frames, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(at: devices, withIntermediateDirectories: true)
    for format in formats {
      for size in format.sizes where size.largest == nil {
        let name = "\(PixelFormat(code: format.fourCC.rawValue).name)-\(size.width)x\(size.height)"
        try
          (content.map { Data($0) }
          ?? SolidPicture.data(PixelFormat(code: format.fourCC.rawValue), size.width, size.height))?
          .write(to: frames.appending(path: name))
      }
    }
    standIn = try CameraStandIn(
      directory: devices.path, node: node, byID: byID, kind: kind, formats: formats,
      controls: CameraStandInDescription.Control.usual, pace: pace, card: card, driver: driver, frames: frames.path)
  }

  deinit {
    try? FileManager.default.removeItem(at: root)
  }

  var path: String { standIn.path }
  var directory: DeviceDirectory { DeviceDirectory(root: standIn.directory) }

  func open(_ options: CameraSource.Options = .init(patience: .milliseconds(300))) throws -> CameraSource {
    try CameraSource(path: path, options: options, in: directory)
  }

  /// With this for every picture.
  convenience init(
    _ fourCC: CameraStandInDescription.FourCC, _ width: Int, _ height: Int, frame: [UInt8],
    kind: CameraStandInDescription.Kind = .capture, pace: CameraStandIn.Pace = .manual
  ) throws {
    try self.init([Format(fourCC, sizes: [Size(width, height)])], kind: kind, pace: pace)
    try show(frame, as: fourCC, width, height)
  }

  /// The next stream has this for every picture of that format and size.
  func show(_ frame: [UInt8], as fourCC: CameraStandInDescription.FourCC, _ width: Int, _ height: Int) throws {
    let name = "\(PixelFormat(code: fourCC.rawValue).name)-\(width)x\(height)"
    try Data(frame).write(to: root.appending(path: "frames/\(name).frame"))
  }

  /// Another node of the same computer.
  func addNode(
    _ node: String, _ formats: [Format], kind: CameraStandInDescription.Kind = .capture,
    pace: CameraStandIn.Pace = .manual, card: String = "Another", driver: String = "uvcvideo",
    bus: String = "usb-0000:00:14.0-2"
  ) throws -> CameraStandIn {
    try CameraStandIn(
      directory: standIn.directory, node: node, kind: kind, formats: formats, pace: pace, card: card, driver: driver,
      bus: bus)
  }
}

extension CameraSource {
  /// What the next picture shows in its middle.
  struct Seen: Equatable {
    var y: UInt8
    var u: UInt8
    var v: UInt8
    var isSignal: Bool { abs(Int(y) - Int(TestCamera.y)) <= 3 }
  }

  func see() throws -> Seen {
    try nextFrame { frame in
      let (row, column) = (frame.height / 4, frame.width / 4)
      let y = frame.luma.base[2 * row * frame.luma.stride + 2 * column]
      switch frame.chroma {
      case .i420(let u, let v):
        return Seen(y: y, u: u.base[row * u.stride + column], v: v.base[row * v.stride + column])
      case .nv12(let uv):
        let pair = uv.base + row * uv.stride + 2 * column
        return Seen(y: y, u: pair[0], v: pair[1])
      }
    }!
  }

  /// Looks until `condition` holds, however many pictures that takes.
  func see(until condition: (Seen) -> Bool) throws -> Seen {
    while true {
      let seen = try see()
      if condition(seen) { return seen }
    }
  }
}
