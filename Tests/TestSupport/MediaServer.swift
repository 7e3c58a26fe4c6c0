import Foundation

/// `scripts/media-server`, which serves the films of a directory by HTTP, HTTPS and RTSP for as long as this value lives.
package final class MediaServer {
  package let http: String
  /// With a certificate that nobody trusts.
  package let https: String
  package let rtsp: String
  private let process: ChildProcess
  /// The server ends with its standard input.
  private let input = Pipe()

  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "scripts/media-server")

  package struct Failure: Error {}

  package init(directory: String) throws {
    let output = Pipe()
    process = try ChildProcess([Self.script.path, directory], input: input.fileHandleForReading, output: output)
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      guard let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else { throw Failure() }
      line += byte
    }
    let addresses = String(decoding: line.dropLast(), as: UTF8.self).split(separator: " ").map(String.init)
    guard addresses.count == 3 else { throw Failure() }
    (http, https, rtsp) = (addresses[0], addresses[1], addresses[2])
  }

  package func stop() {
    process.kill(SIGKILL)
    process.wait()
  }

  deinit {
    stop()
  }
}
