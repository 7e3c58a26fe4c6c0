import Foundation
import TestSupport

/// A program of the package v4l-utils that runs with the stand-in.
final class Tool {
  private static let folder = "/usr/bin"

  /// Without v4l-utils these tests cannot run; where all must run (CI), that is a failure.
  static var isPossible: Bool {
    ProcessInfo.processInfo.environment["CI"] == "true"
      || FileManager.default.isExecutableFile(atPath: "\(folder)/v4l2-compliance")
  }

  /// Beside the tests themselves.
  private static var library: String {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: tests).deletingLastPathComponent().appending(path: "libCameraStandIn.so").path
  }

  private let child: ChildProcess
  private let output = Pipe()

  init(_ name: String, _ arguments: [String], for camera: CameraStandIn) throws {
    child = try ChildProcess(
      ["\(Self.folder)/\(name)"] + arguments, environment: camera.environment(library: Self.library), output: output,
      isErrorShown: true)
  }

  var process: Int32 { child.processIdentifier }

  /// What it said, and its exit code, once it has ended.
  func finish() -> (text: String, code: Int32) {
    let data = output.fileHandleForReading.readDataToEndOfFile()
    return (String(decoding: data, as: UTF8.self), child.wait())
  }
}
