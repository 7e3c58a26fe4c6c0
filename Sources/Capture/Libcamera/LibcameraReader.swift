import Glibc
import NIOCore

/// The thread that runs `rpicam-vid` and empties its output, so that the newest picture is shown even if encoding is
/// slow. A program that ended or hangs is started again until the source is closed.
final class LibcameraReader: ThreadBody {
  struct Timing: Sendable {
    /// The time until the first picture. On a Raspberry Pi Zero 2 the start takes several seconds.
    var start = TimeAmount.seconds(15)
    /// The pause before the first restart, which doubles up to `longestPause` while no pictures come.
    var pause = TimeAmount.seconds(1)
    /// Viewers are not told of a shorter interruption.
    var interruption = TimeAmount.seconds(2)
    /// The least time without a picture after which the program is considered stuck.
    var patience: TimeAmount
  }

  private enum Ending {
    case stopped
    case failed(String)
  }

  private let command: LibcameraCommand
  private let link: LibcameraLink
  private let timing: Timing
  private var patience: CameraPatience
  private var pause: DoublingPause
  private var stream: LibcameraLink.Stream?
  /// Whether a picture has come.
  private var hasOpened = false
  private var memory: PipeReader.Memory?
  private var messages = LibcameraMessages()

  private static let longestPause = TimeAmount.seconds(30)
  private static let silentEnd = "it ended without a message"
  /// The kernel copies whole pages fastest to page boundaries.
  private static let pageSize = 4_096

  init(_ command: LibcameraCommand, link: LibcameraLink, timing: Timing) {
    self.command = command
    self.link = link
    self.timing = timing
    patience = CameraPatience(max(timing.patience, .nanoseconds(3 * command.rate.interval.nanoseconds)))
    pause = DoublingPause(timing.pause...Self.longestPause)
  }

  func run() {
    defer { link.end() }
    while case .failed(let reason) = runProgram() {
      guard hasOpened else {
        link.open(.failure(.libcameraFailed(program: command.name, reason: reason)))
        break
      }
      link.lose(.programFailed(program: command.name, reason: reason))
      guard !isStopped(within: pause.next()) else { break }
    }
    if let stream { stream.pictures.finish(memory ?? stream.pictures.borrow()) }
  }

  /// Runs the program to its end. It is ended in any case when this returns.
  private func runProgram() -> Ending {
    let program: ChildProgram
    do throws(CaptureError) {
      program = try ChildProgram(command.program, command.arguments, environment: command.environment)
    } catch {
      return .failed(error.reason)
    }
    messages = LibcameraMessages()
    patience.startOver()
    let started = NIODeadline.now()
    var (layout, filled, hasPicture): (LibcameraLayout?, Int, Bool) = (nil, 0, false)
    var waits = [program.output, program.messages, link.stopDescriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    while true {
      let deadline = hasPicture ? patience.stuckAt(now: .now()) : started + timing.start
      let count = poll(&waits, nfds_t(waits.count), Self.milliseconds(until: deadline))
      if count < 0 { continue }
      guard waits[2].revents == 0 else { return .stopped }
      guard count != 0 else {
        if hasPicture { patience.grow() }
        return .failed(messages.error.map { "it hangs: \($0)" } ?? "it hangs")
      }
      if waits[1].revents != 0, !messages.read(from: program.messages) { waits[1].fd = -1 }
      guard waits[0].revents != 0 else { continue }
      if layout == nil {
        // What it wrote before the picture is there, since it wrote that first.
        _ = messages.read(from: program.messages)
        guard messages.pictureLength != nil || waits[0].revents & Int16(POLLIN) != 0 else {
          return .failed(messages.reason ?? Self.silentEnd)
        }
        layout = prepare()
      }
      guard let layout else { return .failed("its pictures are not as large as it says") }
      guard let memory = self.memory ?? stream?.pictures.borrow() else { preconditionFailure("it is prepared") }
      self.memory = memory
      let got = read(program.output, memory.bytes.baseAddress! + filled, layout.length - filled)
      if got < 0, errno == EINTR || errno == EAGAIN { continue }
      guard got > 0 else {
        _ = messages.read(from: program.messages)
        return .failed(messages.reason ?? Self.silentEnd)
      }
      filled += got
      guard filled == layout.length else { continue }
      filled = 0
      self.memory = nil
      put(memory)
      hasPicture = true
    }
  }

  private func put(_ memory: PipeReader.Memory) {
    guard let stream else { return }
    stream.pictures.put(memory, time: .now())
    patience.sawPicture(now: .now())
    messages.sawPicture()
    link.takePicture()
    pause.reset()
    if !hasOpened { link.open(.success(stream)) }
    hasOpened = true
  }

  /// Determines the layout when the first bytes of a picture have come.
  ///
  /// - Returns: nil if it is not what the program says, or another than before.
  private func prepare() -> LibcameraLayout? {
    let size = messages.size ?? command.size
    guard let layout = LibcameraLayout(size: size, rate: command.rate, length: messages.pictureLength) else {
      return nil
    }
    if let stream { return stream.layout == layout ? layout : nil }
    let memory = (0..<3).map { _ in
      PipeReader.Memory(bytes: .allocate(byteCount: layout.length, alignment: Self.pageSize))
    }
    stream = .init(layout: layout, pictures: LatestPicture(memory, freedBy: { $0.bytes.deallocate() }))
    return layout
  }

  private func isStopped(within pause: TimeAmount) -> Bool {
    let end = NIODeadline.now() + pause
    var wait = pollfd(fd: link.stopDescriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let count = poll(&wait, 1, Self.milliseconds(until: end))
      if count > 0 { return true }
      if count == 0 { return false }
    }
  }

  private static func milliseconds(until deadline: NIODeadline) -> Int32 {
    Int32(clamping: max(0, (deadline - .now()).nanoseconds + 999_999) / 1_000_000)
  }
}
