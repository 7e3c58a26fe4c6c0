import CV4L2
import Capture
import Glibc
import Video

/// CameraPictures NODE WIDTH HEIGHT [REFERENCE]: for `scripts/vivid/formats`. Takes a picture in each format that the driver
/// has, and prints how near it is to the reference (RGB, a byte each), or why the format is refused. Without a reference,
/// how near each row is to the one above: what is upright and moves sideways has the edge of a comb where two fields were
/// put together. Needs only-format.so.
@main
enum Main {
  static func main() {
    let arguments = CommandLine.arguments
    guard (4...5).contains(arguments.count), let width = Int(arguments[2]), let height = Int(arguments[3]) else {
      print("usage: CameraPictures NODE WIDTH HEIGHT [REFERENCE]")
      exit(64)
    }
    let reference = arguments.dropFirst(4).first.map { path in
      guard let reference = Reference(path: path, width: width, height: height) else {
        print("\(path) has no picture of \(width)x\(height)")
        exit(66)
      }
      return reference
    }
    var isWell = true
    for code in formats(of: arguments[1]) {
      let line = line(of: code, at: arguments[1], size: PictureSize(width: width, height: height)) { frame in
        reference.map { $0.distance(of: frame) } ?? Distance(betweenRowsOf: frame)
      }
      isWell = isWell && line.isWell
      print("\(name(of: code))  \(line.text)")
      fflush(nil)
    }
    exit(isWell ? 0 : 1)
  }

  private static func line(
    of code: UInt32, at node: String, size: PictureSize, distance: (borrowing VideoFrame) -> Distance
  ) -> (text: String, isWell: Bool) {
    _ = withUnsafeBytes(of: code) { setenv("ONLY_FORMAT", Array($0.map { CChar(bitPattern: $0) }) + [0], 1) }
    do {
      let camera = try CameraFinder.open(node, options: .init(size: size))
      while true {
        let seen = try camera.nextFrame { frame -> (text: String, isWell: Bool) in
          guard (frame.width, frame.height) == (size.width, size.height) else {
            return ("\(frame.width)x\(frame.height)", false)
          }
          let distance = distance(frame)
          return ("\(distance)", distance.isSmall)
        }
        if let trouble = camera.trouble { return ("no picture: \(trouble)", false) }
        if let seen { return seen }
      }
    } catch let error as CaptureError {
      return ("refused: \(error)", "\(error)".contains(name(of: code)) || "\(error)".contains("raw sensor data"))
    } catch {
      return ("\(error)", false)
    }
  }

  private static func formats(of node: String) -> [UInt32] {
    unsetenv("ONLY_FORMAT")
    let descriptor = cv4l2_open(node)
    defer { close(descriptor) }
    for type in [V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE] {
      var codes: [UInt32] = []
      var description = v4l2_fmtdesc()
      description.type = type.rawValue
      while cv4l2_enum_fmt(descriptor, &description) == 0 {
        codes.append(description.pixelformat)
        description.index += 1
      }
      if !codes.isEmpty { return codes }
    }
    return []
  }

  private static func name(of code: UInt32) -> String {
    let bytes = withUnsafeBytes(of: code & 0x7fff_ffff) { Array($0) }
    return String(decoding: bytes, as: UTF8.self) + (code >> 31 == 1 ? "-BE" : "")
  }
}
