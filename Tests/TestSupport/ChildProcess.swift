import Foundation
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
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let directory { Self.addChangeDirectory(&actions, directory) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input.fileDescriptor, STDIN_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output.fileHandleForWriting.fileDescriptor, STDOUT_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    }
    if isErrorShown {
      posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    }
    Self.addCloseFrom(&actions, STDERR_FILENO + 1)
    // The threads of tests block signals, which the child would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
    var argv = command.map { strdup($0) } + [nil]
    var envp = variables.map { strdup($0) } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var identifier: pid_t = 0
    let code = posix_spawnp(&identifier, command[0], &actions, &attributes, &argv, &envp)
    try output?.fileHandleForWriting.close()
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .ENOENT) }
    processIdentifier = identifier
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
      var code: Int32 = 0
      while waitpid(processIdentifier, &code, 0) < 0, errno == EINTR {}
      // As WIFEXITED, WEXITSTATUS and WTERMSIG have it.
      let result = code & 0x7f == 0 ? code >> 8 & 0xff : -(code & 0x7f)
      status = result
      return result
    }
  }

  // What follows glibc's headers show to _GNU_SOURCE alone.

  /// Sockets of tests that run meanwhile are not the child's.
  private static func addCloseFrom(_ actions: inout posix_spawn_file_actions_t, _ first: CInt) {
    typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
    _ = unsafeBitCast(symbol, to: Function.self)(&actions, first)
  }

  private static func addChangeDirectory(_ actions: inout posix_spawn_file_actions_t, _ path: String) {
    typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>) -> CInt
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addchdir_np") else { return }
    _ = unsafeBitCast(symbol, to: Function.self)(&actions, path)
  }
}
