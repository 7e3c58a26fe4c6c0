import CSpawn
import Dispatch
import Glibc
import NIOCore
import Synchronization

/// What the thread that runs `rpicam-vid` shares with the one that shows its pictures.
final class LibcameraLink: Sendable {
  typealias Pictures = LatestPicture<PipeReader.Memory>

  /// The stream once its first picture has arrived.
  struct Stream: Sendable {
    let layout: LibcameraLayout
    let pictures: Pictures
  }

  private struct State {
    var trouble: SourceTrouble?
    var opening: Result<Stream, CaptureError>?
    var isStopped = false
  }

  private let state = Mutex(State())
  private let hasOpened = DispatchSemaphore(value: 0)
  private let hasEnded = DispatchSemaphore(value: 0)
  /// A pipe whose end tells the reading thread to stop.
  private let stopSignal: (read: Int32, write: Int32)

  /// - Throws: `CaptureError.libcameraFailed`.
  init(program: String) throws(CaptureError) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else {
      throw .libcameraFailed(program: program, reason: String(cString: strerror(errno)))
    }
    stopSignal = (ends[0], ends[1])
  }

  deinit {
    close(stopSignal.read)
    if !state.withLock({ $0.isStopped }) { close(stopSignal.write) }
  }

  // MARK: The reading thread

  /// Becomes readable when the thread is to stop.
  var stopDescriptor: Int32 { stopSignal.read }

  /// Tells once how opening went.
  func open(_ result: Result<Stream, CaptureError>) {
    state.withLock { $0.opening = result }
    hasOpened.signal()
  }

  func takePicture() { state.withLock { $0.trouble = nil } }

  func lose(_ trouble: SourceTrouble) { state.withLock { $0.trouble = trouble } }

  /// The program has ended, and the camera is free.
  func end() { hasEnded.signal() }

  // MARK: The one that shows

  /// Waits for the first picture.
  func awaitOpening() throws(CaptureError) -> Stream {
    hasOpened.wait()
    guard let opening = state.withLock({ $0.opening }) else { preconditionFailure("it was signalled") }
    return try opening.get()
  }

  var trouble: SourceTrouble? { state.withLock { $0.trouble } }

  /// Stops the program. Whoever opens the camera next finds it free, unless the kernel cannot end the program.
  func stop(within limit: TimeAmount) {
    state.withLock { $0.isStopped = true }
    close(stopSignal.write)
    _ = hasEnded.wait(timeout: .now() + .nanoseconds(Int(limit.nanoseconds)))
  }
}
