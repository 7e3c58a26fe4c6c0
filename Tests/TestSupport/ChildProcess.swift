import Foundation
import Spawn
import Synchronization

/// A program that a test runs.
///
/// Foundation's `Process` sees the end of a child when a socket is closed that children started meanwhile hold, too: a
/// test that waits for a short one so waits for a long one of another test, which may itself wait for the thread.
package final class ChildProcess: Sendable {
  package struct Failure: Error {
    package let command: [String]
    /// The exit code, or the number of what ended it as a negative number.
    package let status: Int32
  }

  package let processIdentifier: pid_t
  /// Once it has been waited for.
  private let status = Mutex<Int32?>(nil)

  /// - Parameters:
  ///   - command: looked for in `PATH` where it has no slash.
  ///   - directory: where it runs; `nil`: where the tests do.
  ///   - input: its standard input; `nil`: nothing.
  ///   - output: its standard output, and with `isErrorShown` its standard error; `nil`: nothing.
  package init(
    _ command: [String], in directory: String? = nil, environment: [String: String] = [:],
    input: FileHandle? = nil, output: Pipe? = nil, isErrorShown: Bool = false
  ) throws {
    var spawner = ProcessSpawner(.shared)
    if let directory { spawner.changeDirectory(to: directory) }
    if let input {
      spawner.duplicate(input.fileDescriptor, as: STDIN_FILENO)
    } else {
      spawner.open("/dev/null", as: STDIN_FILENO, O_RDONLY)
    }
    if let output {
      spawner.duplicate(output.fileHandleForWriting.fileDescriptor, as: STDOUT_FILENO)
    } else {
      spawner.open("/dev/null", as: STDOUT_FILENO, O_WRONLY)
    }
    if isErrorShown {
      spawner.duplicate(STDOUT_FILENO, as: STDERR_FILENO)
    } else {
      spawner.open("/dev/null", as: STDERR_FILENO, O_WRONLY)
    }
    defer { try? output?.fileHandleForWriting.close() }
    do throws(SpawnError) {
      processIdentifier = try spawner.spawn(
        command, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 })
    } catch {
      throw POSIXError(POSIXErrorCode(rawValue: error.code) ?? .ENOENT)
    }
  }

  /// Runs it to its end, which must be a success.
  package static func run(_ command: [String], in directory: String? = nil) throws {
    let status = try ChildProcess(command, in: directory).wait()
    guard status == 0 else { throw Failure(command: command, status: status) }
  }

  /// Runs `body` with the process while the number is its own; `nil` once it has been waited for.
  package func withProcess<Result>(_ body: (pid_t) throws -> Result) rethrows -> Result? {
    try status.withLock { status in status == nil ? try body(processIdentifier) : nil }
  }

  package func kill(_ signal: Int32 = SIGTERM) {
    withProcess { _ = Foundation.kill($0, signal) }
  }

  /// The exit code, or the number of the signal that ended it as a negative number.
  @discardableResult
  package func wait() -> Int32 {
    // The number stays its own until it is reaped, and that is done under the lock.
    var information = siginfo_t()
    while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
    return status.withLock { status in
      if let status { return status }
      let result = ProcessSpawner.awaitEnd(of: processIdentifier)
      status = result
      return result
    }
  }
}
