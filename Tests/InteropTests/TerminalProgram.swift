import Foundation
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
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The leader of a session that opens a terminal has it as its controlling one.
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The threads that tests run on block signals, which the program would inherit.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, which glibc's headers show to _GNU_SOURCE alone
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | newSession)
    // `swift test` wants no colours of its tests.
    var inherited = ProcessInfo.processInfo.environment
    inherited["NO_COLOR"] = nil
    let variables = inherited.merging(environment) { $1 }.map { "\($0)=\($1)" }
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    var envp = variables.map { strdup($0) } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, &argv, &envp)
    guard code == 0 else {
      close(terminal)
      throw POSIXError(POSIXErrorCode(rawValue: code) ?? .ENOENT)
    }
    (self.terminal, self.process) = (terminal, process)
    let (chunks, chunkContinuation) = AsyncStream.makeStream(of: String.self)
    let (exit, exitContinuation) = AsyncStream.makeStream(of: Int32.self)
    (self.chunks, self.exit) = (chunks, exit)
    Thread.detachNewThread { [process] in
      Self.read(terminal, of: process) { chunkContinuation.yield($0) }
      chunkContinuation.finish()
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      exitContinuation.yield(status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f))
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
