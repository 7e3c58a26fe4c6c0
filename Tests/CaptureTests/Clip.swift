import Foundation
import TestSupport
import Testing

/// Films that the `ffmpeg` program makes for a test, in a directory that goes away with this value.
final class Clip {
  private static let ffmpeg = "/usr/bin/ffmpeg"

  /// Without the program these tests cannot run; where all must run (CI), that is a failure.
  static var isPossible: Bool {
    ProcessInfo.processInfo.environment["CI"] == "true" || FileManager.default.isExecutableFile(atPath: ffmpeg)
  }

  private let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("capture-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: directory)
  }

  func path(_ name: String) -> String {
    directory.appendingPathComponent(name).path
  }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// Runs `ffmpeg ARGUMENTS… NAME`, in the directory.
  func make(_ name: String, _ arguments: String) throws -> String {
    try ChildProcess.run(
      [Self.ffmpeg, "-nostdin", "-v", "error", "-y"] + arguments.split(separator: " ").map(String.init) + [path(name)],
      in: directory.path)
    return path(name)
  }

  /// Four quarters of known colours, as raw RGB; `colours` from the top left, row by row.
  func makeQuarters(width: Int = 64, height: Int = 48, frames: Int = 3) throws -> String {
    var bytes: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        bytes += Self.colours[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)]
      }
    }
    _ = try write((0..<frames).flatMap { _ in bytes }, to: "quarters.rgb")
    return "-f rawvideo -pix_fmt rgb24 -s \(width)x\(height) -r 25 -i quarters.rgb"
  }

  static let colours: [[UInt8]] = [[200, 40, 40], [40, 180, 60], [50, 60, 210], [200, 190, 70]]
}
