import Foundation
import Spawn
import Synchronization
import TestSupport

/// A program at a terminal of its own, a pseudo-terminal (pty(7)), to which a test types.
final class TerminalProgram: Sendable {
  struct Silent: Error, CustomStringConvertible {
    let text: String
    let shown: String
    var description: String { "the terminal never showed '\(text)'; it showed:\n\(shown)" }
  }

  /// However a test goes, a program that shows nothing for as many milliseconds is killed.
  private static let patience: Int32 = 60_000

  private let terminal: Int32
  private let process: pid_t
  private let chunks: AsyncStream<String>
  private let exit: AsyncStream<Int32>
  /// What was shown and not yet looked for.
  private let pending = Mutex("")

  /// Starts `path` with the terminal as its controlling one, so that Ctrl-C is a signal.
  init(_ path: String, _ arguments: [String], environment: [String: String] = [:], columns: UInt16 = 100) throws {
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // As unlockpt(3) and ptsname(3) do, which glibc's headers show to _XOPEN_SOURCE alone (ioctl_tty(2)).
    let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
    var (isLocked, number) = (Int32(0), UInt32(0))
    guard terminal >= 0, ioctl(terminal, setLock, &isLocked) == 0, ioctl(terminal, getNumber, &number) == 0 else {
      throw POSIXError(.ENOTTY)
    }
    let name = "/dev/pts/\(number)"
    var size = winsize(ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    // The leader of a session that opens a terminal has it as its controlling one.
    var spawner = ProcessSpawner(.session)
    spawner.open(name, as: STDIN_FILENO, O_RDWR)
    spawner.duplicate(STDIN_FILENO, as: STDOUT_FILENO)
    spawner.duplicate(STDIN_FILENO, as: STDERR_FILENO)
    // `swift test` wants no colours of its tests.
    var inherited = ProcessInfo.processInfo.environment
    inherited["NO_COLOR"] = nil
    let process: pid_t
    do throws(SpawnError) {
      process = try spawner.spawn([path] + arguments, environment: inherited.merging(environment) { $1 })
    } catch {
      close(terminal)
      throw POSIXError(POSIXErrorCode(rawValue: error.code) ?? .ENOENT)
    }
    (self.terminal, self.process) = (terminal, process)
    let (chunks, chunkContinuation) = AsyncStream.makeStream(of: String.self)
    let (exit, exitContinuation) = AsyncStream.makeStream(of: Int32.self)
    (self.chunks, self.exit) = (chunks, exit)
    Thread.detachNewThread { [process] in
      Self.read(terminal, of: process) { chunkContinuation.yield($0) }
      chunkContinuation.finish()
      exitContinuation.yield(ProcessSpawner.awaitEnd(of: process))
      exitContinuation.finish()
    }
  }

  deinit { close(terminal) }

  /// Reads until nobody has the terminal open any more.
  private static func read(_ terminal: Int32, of process: pid_t, _ take: (String) -> Void) {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      var descriptor = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
      let ready = poll(&descriptor, 1, patience)
      if ready == 0 { kill(process, SIGKILL) }
      if ready < 0, errno == EINTR { continue }
      let count = Foundation.read(terminal, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      take(String(decoding: chunk[..<count], as: UTF8.self))
    }
  }

  /// Reads on until the terminal shows `text`; what was shown up to there is returned.
  @discardableResult
  func wait(for text: String) async throws -> String {
    while true {
      let found = pending.withLock { shown -> String? in
        guard let range = shown.range(of: text) else { return nil }
        defer { shown = String(shown[range.upperBound...]) }
        return String(shown[..<range.upperBound])
      }
      if let found { return found }
      var iterator = chunks.makeAsyncIterator()
      guard let more = await iterator.next(isolation: #isolation) else {
        throw Silent(text: text, shown: pending.withLock { $0 })
      }
      pending.withLock { $0 += more }
    }
  }

  func type(_ text: String) {
    _ = Data(text.utf8).withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
  }

  /// Types an answer once its question is shown.
  func answer(_ question: String, _ text: String) async throws {
    try await wait(for: question)
    type(text + "\n")
  }

  /// Whether what is typed is shown.
  var isEchoing: Bool {
    var settings = termios()
    return tcgetattr(terminal, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }

  /// Waits for its end.
  ///
  /// - Returns: what it showed last, and its exit code; that of a signal is negative.
  func end() async -> (shown: String, code: Int32) {
    var iterator = chunks.makeAsyncIterator()
    while let more = await iterator.next(isolation: #isolation) { pending.withLock { $0 += more } }
    var codes = exit.makeAsyncIterator()
    let code = await codes.next(isolation: #isolation) ?? -1
    return (pending.withLock { $0 }, code)
  }
}
