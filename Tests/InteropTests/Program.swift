import Foundation
import Synchronization
import Testing

/// A program under test, or beside one: its lines as they come, its end.
final class Program: Sendable {
  /// A child that is started meanwhile would inherit the other's pipe and hold it open for as long as it lives.
  private static let spawning = NSLock()

  /// However a test goes, nothing of it runs longer than this many seconds.
  private static let limit = "90"

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
  private let process: Process

  /// Starts `path` with `arguments`; `environment` comes on top of the test's own.
  init(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    let (lines, lineContinuation) = AsyncStream.makeStream(of: String.self)
    let (exit, exitContinuation) = AsyncStream.makeStream(of: Int32.self)
    Self.spawning.lock()
    defer { Self.spawning.unlock() }
    let pipe = Pipe()
    for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
      _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }
    process = Process()
    self.lines = lines
    self.exit = exit
    // The threads that tests run on block signals, and a child inherits that: env undoes it. --foreground: an interrupt
    // reaches the program once, and not a second time by its process group.
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["--default-signal", "timeout", "--foreground", "--kill-after=5", Self.limit, path] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    process.terminationHandler = { process in
      let status = process.terminationStatus
      exitContinuation.yield(process.terminationReason == .exit ? status : -status)
      exitContinuation.finish()
    }
    let unfinished = Mutex(Data())
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      guard !data.isEmpty else {
        handle.readabilityHandler = nil
        lineContinuation.finish()
        return
      }
      unfinished.withLock { text in
        text += data
        while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
          lineContinuation.yield(String(decoding: text[..<end], as: UTF8.self))
          text = Data(text[(end + 1)...])
        }
      }
    }
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
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
    process.interrupt()
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
