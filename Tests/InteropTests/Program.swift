import Foundation
import TestSupport
import Testing

/// A program under test, or beside one: its lines as they come, its end.
final class Program: Sendable {
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
  private let child: ChildProcess

  /// Starts `path` with `arguments`; `environment` comes on top of the test's own.
  ///
  /// A thread waits for what it writes and for its end.
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
    let output = Pipe()
    let child = try ChildProcess(
      command, environment: (state ?? [:]).merging(environment) { $1 }, output: output, isErrorShown: true)
    self.child = child
    Thread.detachNewThread {
      Self.read(output.fileHandleForReading.fileDescriptor) { lineContinuation.yield($0) }
      // Whoever still writes then is told that nobody reads.
      try? output.fileHandleForReading.close()
      lineContinuation.finish()
      exitContinuation.yield(child.wait())
      exitContinuation.finish()
    }
  }

  /// Reads to the end, line by line.
  private static func read(_ descriptor: Int32, _ take: (String) -> Void) {
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
    child.kill()
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
    child.kill(SIGINT)
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
    let result = try child.withProcess { parent in
      let children = try String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
      return try body(try #require(pid_t(children.trimmingCharacters(in: .whitespaces))))
    }
    return try #require(result)
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
