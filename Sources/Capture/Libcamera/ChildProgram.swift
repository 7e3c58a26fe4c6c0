import CSpawn
import Glibc

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
    var identifier: pid_t = 0
    let code = Self.spawn(command, environment, output: output[1], messages: messages[1], &identifier)
    close(output[1])
    close(messages[1])
    guard code == 0 else {
      close(output[0])
      close(messages[0])
      throw Self.failure(path, code)
    }
    for descriptor in [output[0], messages[0]] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    self.output = output[0]
    self.messages = messages[0]
    process = identifier
  }

  deinit {
    // It leads a process group of its own.
    kill(-process, SIGKILL)
    while waitpid(process, nil, 0) < 0, errno == EINTR {}
    close(output)
    close(messages)
  }

  /// - Returns: an errno, or 0.
  private static func spawn(
    _ command: [String], _ environment: [String: String], output: Int32, messages: Int32, _ identifier: inout pid_t
  ) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO)
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals that this program blocks or ignores are not to be so for another. A group of its own keeps Ctrl-C at the
    // terminal from it: it is ended when its pictures are no longer wanted.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var argv = command.map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    return posix_spawn(&identifier, command[0], &actions, &attributes, &argv, &envp)
  }

  private static func failure(_ path: String, _ code: Int32) -> CaptureError {
    .libcameraFailed(program: FileName.last(of: path), reason: String(cString: strerror(code)))
  }
}
