import NIOCore
import Video

/// A moving picture whose frame N is the same on every machine and in every run. It contains N in a form that programs
/// can read (sixteen blocks) and in one for people (clock and frame number).
package final class TestPattern: VideoSource {
  package let format: VideoFormat
  package let timeline = VideoTimeline.media

  package private(set) var counters = SourceCounters()

  private var painter: TestPatternPainter
  private var next: Int64 = 0

  package init(_ specification: TestPatternSpecification = .init(format: TestPatternSpecification.standard)) {
    format = specification.format
    painter = TestPatternPainter(width: format.width, height: format.height)
  }

  package func nextFrame<R>(
    notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) throws -> R? {
    while format.frameRate.time(ofFrame: next) < earliest {
      next += 1
      counters.framesSkipped += 1
    }
    let number = next
    next += 1
    let time = format.frameRate.time(ofFrame: number)
    painter.paint(frame: number, clock: Self.clock(time))
    return try painter.picture.withFrame(captureTime: time, body)
  }

  /// Formats a time as `HH:MM:SS.mmm`.
  private static func clock(_ time: NIODeadline) -> String {
    let milliseconds = time.uptimeNanoseconds / 1_000_000
    func digits(_ value: UInt64, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let seconds = milliseconds / 1_000
    return digits(seconds / 3_600, 2) + ":" + digits(seconds / 60 % 60, 2) + ":" + digits(seconds % 60, 2) + "."
      + digits(milliseconds % 1_000, 3)
  }
}
