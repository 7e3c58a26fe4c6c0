import Capture
import Foundation
import TestSupport
import Testing
import Video

/// The test pattern as a file: what a viewer of the pattern has to see.
struct Clip: ~Copyable {
  let path: String

  /// Writes the first `frames` frames as YUV4MPEG2.
  init(_ format: VideoFormat, frames: Int) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString).y4m")
    path = url.path
    var bytes = Data("YUV4MPEG2 W\(format.width) H\(format.height) F25:1 Ip A1:1 C420jpeg\n".utf8)
    try bytes.write(to: url)
    let file = try FileHandle(forWritingTo: url)
    try file.seekToEnd()
    let pattern = TestPattern(TestPatternSpecification(format: format))
    for _ in 0..<frames {
      bytes = Data("FRAME\n".utf8)
      _ = try pattern.nextFrame { frame in
        bytes.append(frame.luma, width: frame.width, height: frame.height)
        guard case .i420(let u, let v) = frame.chroma else { preconditionFailure("the pattern is I420") }
        bytes.append(u, width: frame.chromaWidth, height: frame.chromaHeight)
        bytes.append(v, width: frame.chromaWidth, height: frame.chromaHeight)
      }
      try file.write(contentsOf: bytes)
    }
    try file.close()
  }

  /// The frames one after another as a camera packs them: two rows share what they have of chroma.
  func yuyv() throws -> Data {
    let source = try #require(try Y4MSource(path: path))
    var bytes: [UInt8] = []
    while try source.nextFrame({ frame -> Void in
      guard case .i420(let u, let v) = frame.chroma else { preconditionFailure("a Y4M file is I420") }
      for row in 0..<frame.height {
        let y = frame.luma.base + row * frame.luma.stride
        for column in 0..<frame.width / 2 {
          bytes += [
            y[2 * column], u.base[row / 2 * u.stride + column], y[2 * column + 1],
            v.base[row / 2 * v.stride + column],
          ]
        }
      }
    }) != nil {}
    return Data(bytes)
  }

  /// The frames one after another as I420 of full range, without headers.
  func writeFullRange(to path: String) throws {
    try ChildProcess.run(
      ["ffmpeg", "-nostdin", "-v", "error", "-i", self.path, "-vf", "scale=in_range=tv:out_range=pc", "-pix_fmt"]
        + ["yuv420p", "-f", "rawvideo", path])
  }

  /// As a camera compresses it, with a delimiter before each picture, and a key frame a second.
  func encode(to path: String, asH264: Bool) throws {
    let options = "aud=1:bframes=0:keyint=25"
    let encoder =
      asH264
      ? ["libx264", "-x264-params", options, "-f", "h264"]
      : ["libx265", "-x265-params", options + ":repeat-headers=1:log-level=none", "-f", "hevc"]
    try ChildProcess.run(
      ["ffmpeg", "-nostdin", "-v", "error", "-i", self.path, "-preset", "ultrafast", "-crf", "18", "-c:v"] + encoder
        + [path])
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

extension Data {
  fileprivate mutating func append(_ plane: VideoFrame.Plane, width: Int, height: Int) {
    for row in 0..<height {
      append(plane.base + row * plane.stride, count: width)
    }
  }
}
