import Glibc
import NIOCore
import Video

/// The picture that viewers see while there is no camera: a grey one that says so, with a moving mark that shows that
/// the call is alive.
struct NoSignalPicture: ~Copyable {
  private let width: Int
  private let height: Int
  /// The picture, which is resized only when it is first needed, as most calls never need it.
  private var picture = PictureBuffer(width: 2, height: 2)
  /// When the picture is to be shown again.
  private(set) var due = NIODeadline.uptimeNanoseconds(0)
  private var turn = 0

  private static let background: UInt8 = 48
  private static let foreground: UInt8 = 180
  private static let words = "NO SIGNAL"

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// Waits until the picture is due again. Only an attempt to open a camera tells whether it is back.
  mutating func waitForTurn() {
    let now = NIODeadline.now()
    if due > now {
      poll(nil, 0, Int32(clamping: ((due - now).nanoseconds + 999_999) / 1_000_000))
    }
    due = max(due, now) + StillTimeline.shortestPause
  }

  mutating func withFrame<R>(_ body: (borrowing VideoFrame) throws -> R) rethrows -> R {
    paint()
    turn = (turn + 1) % 16
    return try picture.withFrame(captureTime: .now(), body)
  }

  private mutating func paint() {
    picture.resize(width: width, height: height)
    picture.luma.update(repeating: Self.background)
    writeWords()
    let side = max(2, picture.width / 32)
    let left = turn * (picture.width - side) / 15
    for row in max(0, picture.height - 2 * side)..<max(0, picture.height - side) {
      (picture.luma.baseAddress! + row * picture.lumaStride + left).update(repeating: Self.foreground, count: side)
    }
  }

  /// Writes the words across half the picture, unless it is too small for them.
  private func writeWords() {
    let columns = Self.words.count * (Glyph.columns + 1)
    let scale = min(picture.width / 2 / columns, picture.height / 3 / Glyph.rows)
    guard scale > 0 else { return }
    picture.write(
      Self.words, left: (picture.width - columns * scale) / 2, top: (picture.height - Glyph.rows * scale) / 2,
      scale: scale, value: Self.foreground)
  }
}
