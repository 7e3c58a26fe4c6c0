import Foundation
import TestSupport

@testable import Capture

/// Pictures of one colour, as cameras lay them out.
enum SolidPicture {
  /// `nil` where nobody looks at what is in it.
  static func data(_ format: PixelFormat, _ width: Int, _ height: Int) -> Data? {
    let (y, u, v) = (TestCamera.y, TestCamera.u, TestCamera.v)
    let area = width * height
    func plane(_ value: UInt8, _ count: Int) -> Data { Data(repeating: value, count: count) }
    func pattern(_ bytes: [UInt8], _ count: Int) -> Data { Data((0..<count).flatMap { _ in bytes }) }
    switch format {
    case "YUYV": return pattern([y, u, y, v], area / 2)
    case "YVYU": return pattern([y, v, y, u], area / 2)
    case "UYVY": return pattern([u, y, v, y], area / 2)
    case "NV12": return plane(y, area) + pattern([u, v], area / 4)
    case "NV21": return plane(y, area) + pattern([v, u], area / 4)
    case "YU12": return plane(y, area) + plane(u, area / 4) + plane(v, area / 4)
    case "YV12": return plane(y, area) + plane(v, area / 4) + plane(u, area / 4)
    case "RGB3": return pattern(rgb, area)
    case "MJPG": return jpeg(width, height)
    default: return nil
    }
  }

  /// BT.601, limited range: what (110, 90, 170) stands for.
  private static let rgb: [UInt8] = {
    let y = 1.164 * (Double(TestCamera.y) - 16)
    let (cb, cr) = (Double(TestCamera.u) - 128, Double(TestCamera.v) - 128)
    return [y + 1.596 * cr, y - 0.392 * cb - 0.813 * cr, y + 2.017 * cb].map { UInt8($0.rounded()) }
  }()

  private static func jpeg(_ width: Int, _ height: Int) -> Data {
    Data(JPEGSample(width: width, height: height, sampling: [(2, 1), (1, 1), (1, 1)]).encode { _, _ in rgb })
  }
}
