import Dispatch
import Glibc
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

  /// The columns of the terminal on standard error; 80 if it does not say.
  static var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

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
    // A status that is longer than a row would wrap, and only its last row be erased: the terminal cuts it instead.
    let text = isTransient ? "\u{1b}[?7l\(line)\u{1b}[?7h" : line + "\n"
    enqueue(start + text, to: STDERR_FILENO)
  }

  private static func enqueue(_ text: String, to descriptor: Int32) {
    guard pending.load(ordering: .relaxed) < limit else {
      lost.wrappingAdd(1, ordering: .relaxed)
      return
    }
    pending.wrappingAdd(1, ordering: .relaxed)
    queue.async {
      if DescriptorWriter.write(text, to: descriptor) != 0 { lost.wrappingAdd(1, ordering: .relaxed) }
      pending.wrappingSubtract(1, ordering: .relaxed)
    }
  }
}
