import CSpawn
import Glibc
import Spawn

/// Another program, whose output is read. It is ended with the value, together with all that it started.
///
/// It also ends if this program dies in whatever way: util-linux's `setpriv` makes the kernel kill it when the thread
/// that started it ends (PR_SET_PDEATHSIG), which therefore has to be the thread that reads its output.
struct ChildProgram: ~Copyable {
  /// The descriptor that its standard output is read from, without blocking.
  let output: Int32
  /// The descriptor that its standard error is read from, without blocking.
  let messages: Int32
  private let process: pid_t

  private static let guardian = "/usr/bin/setpriv"

  /// - Parameters:
  ///   - path: the absolute path of the program.
  ///   - environment: all of its environment.
  /// - Throws: `CaptureError.libcameraFailed`.
  init(_ path: String, _ arguments: [String], environment: [String: String]) throws(CaptureError) {
    let isGuarded = access(Self.guardian, X_OK) == 0
    let command = (isGuarded ? [Self.guardian, "--pdeathsig", "KILL", "--"] : []) + [path] + arguments
    var (output, messages): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    guard pipe2(&output, O_CLOEXEC) == 0 else { throw Self.failure(path, errno) }
    guard pipe2(&messages, O_CLOEXEC) == 0 else {
      let code = errno
      output.forEach { close($0) }
      throw Self.failure(path, code)
    }
    // In a group of its own Ctrl-C at the terminal does not reach it: it is ended when its pictures are no longer wanted.
    var spawner = ProcessSpawner(.own)
    spawner.open("/dev/null", as: STDIN_FILENO, O_RDONLY)
    spawner.duplicate(output[1], as: STDOUT_FILENO)
    spawner.duplicate(messages[1], as: STDERR_FILENO)
    defer {
      close(output[1])
      close(messages[1])
    }
    do throws(SpawnError) {
      process = try spawner.spawn(command, environment: environment)
    } catch {
      close(output[0])
      close(messages[0])
      throw Self.failure(path, error.code)
    }
    for descriptor in [output[0], messages[0]] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    self.output = output[0]
    self.messages = messages[0]
  }

  deinit {
    // It leads a process group of its own.
    kill(-process, SIGKILL)
    _ = ProcessSpawner.awaitEnd(of: process)
    close(output)
    close(messages)
  }

  private static func failure(_ path: String, _ code: Int32) -> CaptureError {
    .libcameraFailed(program: FileName.last(of: path), reason: String(cString: strerror(code)))
  }
}
