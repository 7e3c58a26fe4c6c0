import Glibc
import NIOCore
import Video

@testable import Capture

extension FuzzTarget {
  /// A file that says that it is YUV4MPEG2, to its first pictures.
  static let y4m = FuzzTarget(text: "y4m", seeds: seeds, words: words) { bytes in
    let octets = bytes.octets
    require(ftruncate(file, 0) == 0 && pwrite(file, octets, octets.count, 0) == octets.count, "the file is not written")
    guard
      let source = try? Y4MSource(
        path: "/proc/self/fd/\(file)", options: .init(size: PictureSize(width: 64, height: 64)))
    else { return }
    for _ in 0..<3 {
      let isThere = try? source.nextFrame(notBefore: .uptimeNanoseconds(0)) { frame in
        require((frame.width, frame.height) == (source.format.width, source.format.height))
        return true
      }
      guard isThere != nil else { break }
    }
  }

  /// One in memory and without a name, for all inputs.
  private static let file: CInt = {
    let name = "/jinglecam-fuzz-\(getpid())"
    let file = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0o600)
    require(file >= 0 && shm_unlink(name) == 0, "no shared memory")
    return file
  }()

  private static let seeds = [
    "YUV4MPEG2 W4 H2 F30000:1001 Ip A1:1 C420jpeg XCOLORRANGE=FULL\nFRAME\n\(String(repeating: "x", count: 12))FRAME Ixyz\n",
    "YUV4MPEG2 H1 W1 C420\nFRAME\nabcFRAME\nabcFRAME\nabc", "YUV4MPEG2 W9 H9 F0:0 A0:0 I? XYSCSS=420JPEG\nFRAME\n",
    "YUV4MPEG2 W16 H16 C422 Im F25:1\nFRAME\n",
  ]

  private static let words = [
    "YUV4MPEG2 ", "FRAME", "\n", " W", " H", " F", " A", " I", " C420", ":", "2147483647", " X",
  ]
}
