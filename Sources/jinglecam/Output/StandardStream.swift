import Dispatch
import Glibc
import Network
import Synchronization

/// Standard output and error, written by one queue of their own: a reader that stops reading must not stop the media.
enum StandardStream {
  private static let queue = DispatchQueue(label: "jinglecam.output")
  private static let pending = Atomic<Int>(0)
  /// Texts that may wait for a slow reader; what comes on top is dropped. At one a second that is minutes.
  private static let limit = 256
  private static let lost = Atomic<Int>(0)
  /// Whether the terminal's last line is one that the next text overwrites.
  private static let isLineOpen = Atomic<Bool>(false)
  private static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Texts that nobody took: too many waited, or they could not be written.
  static var textsLost: Int { lost.load(ordering: .relaxed) }

  /// A whole line of standard output.
  static func output(_ line: String) {
    enqueue(line + "\n", to: STDOUT_FILENO)
  }

  /// A whole line of standard error.
  static func error(_ line: String) {
    print(line, isTransient: false)
  }

  /// A line of standard error that the next one overwrites; nothing where that is no terminal.
  static func status(_ line: String) {
    guard isTerminal else { return }
    print(line, isTransient: true)
  }

  static var showsStatus: Bool { isTerminal }

  /// Waits until everything is written, or the reader proves to be gone.
  static func drain() {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    _ = done.wait(timeout: .now() + 1)
  }

  private static func print(_ line: String, isTransient: Bool) {
    let wasOpen = isLineOpen.exchange(isTransient, ordering: .relaxed)
    // Carriage return, erase to the end of the line.
    let start = wasOpen ? "\r\u{1b}[K" : ""
    enqueue(start + line + (isTransient ? "" : "\n"), to: STDERR_FILENO)
  }

  private static func enqueue(_ text: String, to descriptor: Int32) {
    guard pending.load(ordering: .relaxed) < limit else {
      lost.wrappingAdd(1, ordering: .relaxed)
      return
    }
    pending.wrappingAdd(1, ordering: .relaxed)
    queue.async {
      write(text, to: descriptor)
      pending.wrappingSubtract(1, ordering: .relaxed)
    }
  }

  /// The whole text, also where the descriptor does not block.
  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let base = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, base, rest.count)
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        } else if errno == EAGAIN {
          var descriptors = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&descriptors, 1, -1)
        } else if errno != EINTR {
          lost.wrappingAdd(1, ordering: .relaxed)
          return
        }
      }
    }
  }
}
