import Foundation
import NIOPosix
import Testing

/// A film of a second, with a tone.
final class MadeUpFilm: Sendable {
  let path: String

  init() async throws {
    let path = "/tmp/jinglecam-\(UUID().uuidString).mkv"
    self.path = path
    let code = try await NIOThreadPool.singleton.runIfActive {
      system(
        "ffmpeg -nostdin -v error -f lavfi -i testsrc=size=64x48:rate=25:duration=1 "
          + "-f lavfi -i sine=frequency=440:duration=1 -c:v mjpeg -c:a pcm_s16le \(path)")
    }
    try #require(code == 0)
  }

  /// Gives its sound a codec that nobody knows.
  func forgetSound() throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    let codec = try #require(data.range(of: Data("A_PCM/INT/LIT".utf8)))
    data.replaceSubrange(codec, with: Data("A_XXX/INT/LIT".utf8))
    try data.write(to: URL(fileURLWithPath: path))
  }

  deinit { unlink(path) }
}
