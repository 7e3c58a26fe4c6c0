import Foundation
import Synchronization
import Testing

/// A program under test, or beside one: its lines as they come, its end.
final class Program: Sendable {
  /// A child that is started meanwhile would inherit the other's pipe and hold it open for as long as it lives.
  private static let spawning = NSLock()

  /// However a test goes, nothing of it runs longer than this many seconds.
  static let limit = 90
  /// Where a table of hundreds of cases is gone through, beside others who compile.
  static let longLimit = 400

  struct End {
    /// The exit code; that of a signal is negative, and 124 is our own limit.
    let code: Int32
    /// What it wrote that nobody had read yet.
    let lines: [String]

    /// What is meant for a person, where a program's lines are JSON.
    var messages: [String] { lines.filter { !$0.hasPrefix("{") } }
  }

  /// Standard output and standard error as one, line by line.
  private let lines: AsyncStream<String>
  private let exit: AsyncStream<Int32>
  /// Nil once it has ended and its number may be another's.
  private let process: Mutex<pid_t?>

  private struct CannotStart: Error {
    let path: String
    let code: Int32
  }

  /// Starts `path` with `arguments`; `environment` comes on top of the test's own.
  ///
  /// A thread waits for what it writes and for its end: Foundation's Process now and then misses one of them where many
  /// run at once, and a test waited for ever.
  init(_ path: String, _ arguments: [String], environment: [String: String] = [:], limit: Int = Program.limit) throws {
    let (lines, lineContinuation) = AsyncStream.makeStream(of: String.self)
    let (exit, exitContinuation) = AsyncStream.makeStream(of: Int32.self)
    self.lines = lines
    self.exit = exit
    // The threads that tests run on block signals, and a child inherits that: env undoes it. --foreground: an interrupt
    // reaches the program once, and not a second time by its process group.
    let command =
      ["/usr/bin/env", "--default-signal", "timeout", "--foreground", "--kill-after=5", "\(limit)", path] + arguments
    // What it keeps goes with the world, and not into the home of whoever runs the tests.
    let state = ProcessInfo.processInfo.environment["JINGLECAM_WORLD"].map { ["XDG_STATE_HOME": "\($0)/state"] }
    let variables = ProcessInfo.processInfo.environment.merging(state ?? [:]) { $1 }.merging(environment) { $1 }
      .map { "\($0)=\($1)" }
    let (identifier, output) = try Self.spawn(command, variables)
    process = Mutex(identifier)
    Thread.detachNewThread { [weak self] in
      Self.read(output) { lineContinuation.yield($0) }
      lineContinuation.finish()
      var status: Int32 = 0
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      self?.process.withLock { $0 = nil }
      // As WIFEXITED, WEXITSTATUS and WTERMSIG have it.
      exitContinuation.yield(status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f))
      exitContinuation.finish()
    }
  }

  /// posix_spawn_file_actions_addclosefrom_np, which glibc's headers show to _GNU_SOURCE alone.
  private static func addCloseFrom(_ actions: inout posix_spawn_file_actions_t, _ first: CInt) {
    typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
    _ = unsafeBitCast(symbol, to: Function.self)(&actions, first)
  }

  /// Answers the child and the end of its output that is to be read.
  private static func spawn(_ command: [String], _ variables: [String]) throws -> (pid_t, Int32) {
    spawning.lock()
    defer { spawning.unlock() }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw CannotStart(path: command[0], code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
    // Sockets of tests that run meanwhile are not the program's.
    addCloseFrom(&actions, STDERR_FILENO + 1)
    var argv = command.map { strdup($0) } + [nil]
    var environment = variables.map { strdup($0) } + [nil]
    defer { (argv + environment).forEach { free($0) } }
    var identifier: pid_t = 0
    let code = posix_spawn(&identifier, command[0], &actions, nil, &argv, &environment)
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      throw CannotStart(path: command[0], code: code)
    }
    return (identifier, ends[0])
  }

  /// Reads to the end, line by line.
  private static func read(_ descriptor: Int32, _ take: (String) -> Void) {
    defer { close(descriptor) }
    var text = Data()
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      text += chunk[..<count]
      while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
        take(String(decoding: text[..<end], as: UTF8.self))
        text = Data(text[(end + 1)...])
      }
    }
  }

  deinit {
    signal(SIGTERM)
  }

  private func signal(_ number: Int32) {
    process.withLock { identifier in
      if let identifier { kill(identifier, number) }
    }
  }

  /// The next line; nil when it has closed its output.
  func line() async -> String? {
    var iterator = lines.makeAsyncIterator()
    return await iterator.next(isolation: #isolation)
  }

  /// Reads on to the first line that contains `text`.
  @discardableResult
  func line(containing text: String) async throws -> String {
    var passed: [String] = []
    while let line = await line() {
      if line.contains(text) { return line }
      passed.append(line)
    }
    throw Silent(text: text, passed: passed)
  }

  /// Ctrl-C.
  func interrupt() {
    signal(SIGINT)
  }

  /// SIGHUP.
  func hangUp() throws { try signalChild(SIGHUP) }

  /// timeout(1), which runs it, takes every signal for the end of its patience: so not by way of it.
  func signalChild(_ number: Int32) throws {
    try withChild { _ = kill($0, number) }
  }

  /// What a descriptor is open to, and whether a program that this one starts would be spared it.
  struct Descriptor {
    let target: String
    let isClosedOnExec: Bool
  }

  func descriptors() throws -> [Descriptor] {
    try withChild { child in
      let process = URL(filePath: "/proc/\(child)")
      return try FileManager.default.contentsOfDirectory(atPath: process.appending(path: "fd").path).compactMap {
        number in
        // One may be closed meanwhile.
        guard
          let target = try? FileManager.default.destinationOfSymbolicLink(
            atPath: process.appending(path: "fd/\(number)").path),
          let info = try? String(contentsOf: process.appending(path: "fdinfo/\(number)"), encoding: .utf8),
          let flags = info.firstMatch(of: #/flags:\s*(\d+)/#).flatMap({ Int32($0.1, radix: 8) })
        else { return nil }
        return Descriptor(target: target, isClosedOnExec: flags & O_CLOEXEC != 0)
      }
    }
  }

  /// The most memory that it ever had resident, in bytes.
  func peakMemory() throws -> Int {
    try withChild { child in
      let status = try String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
      return try #require(status.firstMatch(of: #/VmHWM:\s+(\d+) kB/#).flatMap { Int($0.1) }) * 1024
    }
  }

  /// The program itself, which timeout(1) started.
  private func withChild<Result>(_ body: (pid_t) throws -> Result) throws -> Result {
    try process.withLock { identifier in
      let parent = try #require(identifier)
      let children = try String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
      return try body(try #require(pid_t(children.trimmingCharacters(in: .whitespaces))))
    }
  }

  /// Waits for its end.
  func end() async throws -> End {
    var rest: [String] = []
    while let line = await line() { rest.append(line) }
    var codes = exit.makeAsyncIterator()
    return End(code: try #require(await codes.next(isolation: #isolation)), lines: rest)
  }

  /// Waits for its end, which must be a good one.
  @discardableResult
  func success(sourceLocation: SourceLocation = #_sourceLocation) async throws -> End {
    let end = try await end()
    try #require(end.code == 0, "\(end.lines.suffix(5).joined(separator: "\n"))", sourceLocation: sourceLocation)
    return end
  }

  private struct Silent: Error, CustomStringConvertible {
    let text: String
    let passed: [String]
    var description: String { "the program ended without saying \(text); it said:\n\(passed.joined(separator: "\n"))" }
  }
}
