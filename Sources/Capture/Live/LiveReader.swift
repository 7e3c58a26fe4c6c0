import CFFmpeg
import NIOCore

/// The thread that reads and decodes a live source, so that the newest picture is shown even if encoding is slow. It
/// reconnects to a network source until it is stopped.
final class LiveReader: ThreadBody {
  /// It is unchecked because only the holder of the value uses the frame.
  struct Picture: @unchecked Sendable {
    let frame: UnsafeMutablePointer<AVFrame>
  }

  private let input: MediaInput
  private let ffmpeg: FFmpeg
  private let latest: LatestPicture<Picture>
  private let link: LiveLink
  private let deadline: InputDeadline
  private var reader: FrameReader
  private var pacer = LivePacer()
  /// The number of damaged frames of the former connections.
  private var framesCorrupt = 0

  private static let pauses = TimeAmount.seconds(1)...TimeAmount.seconds(30)

  init(
    _ reader: consuming FrameReader, of input: MediaInput, into latest: LatestPicture<Picture>, link: LiveLink,
    deadline: InputDeadline, ffmpeg: FFmpeg
  ) {
    self.reader = reader
    self.input = input
    self.latest = latest
    self.link = link
    self.deadline = deadline
    self.ffmpeg = ffmpeg
  }

  func run() {
    var picture = latest.borrow()
    repeat {
      while !deadline.isStopped, next() {
        // A segment delivers the pictures of several seconds at once.
        if reader.isSegmented { deadline.sleep(until: pacer.due(timestamp: reader.timestamp, now: .now())) }
        ffmpeg.av_frame_unref(picture.frame)
        ffmpeg.av_frame_move_ref(picture.frame, reader.frame)
        link.takePicture()
        latest.put(picture, time: .now())
        picture = latest.borrow()
      }
    } while connectAgain()
    latest.finish(picture)
  }

  private func next() -> Bool {
    let (link, earlier) = (link, framesCorrupt)
    return reader.next(onDamage: { link.takeDamage(framesCorrupt: earlier + $0) })
  }

  /// Reconnects after the stream ended.
  ///
  /// - Returns: false if the source has ended for good.
  private func connectAgain() -> Bool {
    guard case .network = input, !reader.isComplete else { return false }
    var reason = reader.ending
    var pause = DoublingPause(Self.pauses)
    while !deadline.isStopped {
      link.lose(reason)
      deadline.sleep(until: .now() + pause.next())
      guard !deadline.isStopped else { break }
      do throws(CaptureError) {
        let next = try FrameReader.open(input, threads: 1, deadline: deadline, ffmpeg: ffmpeg)
        framesCorrupt += reader.framesCorrupt
        reader = next
        pacer = LivePacer()
        return true
      } catch {
        reason = error.reason
      }
    }
    return false
  }
}
