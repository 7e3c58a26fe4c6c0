import CSpawn
import Glibc

/// A program could not be started, for the reason that errno tells.
package struct SpawnError: Error, Equatable {
  package let code: Int32
}

/// Starts another program (posix_spawn(3)). The program has no descriptors but those that it is given, and none of the
/// signals that this one blocks or ignores are blocked or ignored for it.
package struct ProcessSpawner: ~Copyable {
  /// Whom a terminal's signals reach.
  package enum Group {
    /// The program is in the group of this one, so that Ctrl-C ends both.
    case shared
    /// The program leads a process group of its own.
    case own
    /// The program leads a session of its own. The terminal that it opens first controls it.
    case session
  }

  private var actions = posix_spawn_file_actions_t()
  private var attributes = posix_spawnattr_t()

  package init(_ group: Group) {
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    switch group {
    case .shared: break
    case .own:
      posix_spawnattr_setpgroup(&attributes, 0)
      flags |= POSIX_SPAWN_SETPGROUP
    case .session: flags |= POSIX_SPAWN_SETSID
    }
    posix_spawnattr_setflags(&attributes, Int16(flags))
  }

  deinit {
    var (actions, attributes) = (actions, attributes)
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }

  /// Opens a file as one of the program's standard descriptors.
  package mutating func open(_ path: String, as descriptor: Int32, _ flags: Int32) {
    posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0)
  }

  /// Gives the program a descriptor of this one as one of its standard descriptors, or another that it has already.
  package mutating func duplicate(_ source: Int32, as descriptor: Int32) {
    posix_spawn_file_actions_adddup2(&actions, source, descriptor)
  }

  /// Starts the program in another directory.
  package mutating func changeDirectory(to path: String) {
    posix_spawn_file_actions_addchdir_np(&actions, path)
  }

  /// - Parameters:
  ///   - command: the program, which is looked for in `PATH` if it has no slash, and its arguments.
  ///   - environment: all of its environment; nil: that of this program.
  /// - Returns: the identifier of its process.
  package consuming func spawn(
    _ command: [String], environment: [String: String]? = nil
  ) throws(SpawnError) -> pid_t {
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
    var argv = command.map { strdup($0) } + [nil]
    var envp = environment.map { $0.map { strdup("\($0)=\($1)") } + [nil] }
    defer { (argv + (envp ?? [])).forEach { free($0) } }
    var process: pid_t = 0
    let code =
      if envp == nil { posix_spawnp(&process, command[0], &actions, &attributes, &argv, environ) } else {
        posix_spawnp(&process, command[0], &actions, &attributes, &argv, &envp!)
      }
    guard code == 0 else { throw SpawnError(code: code) }
    return process
  }

  /// Waits for the end of a program that was started.
  ///
  /// - Returns: its exit code, or the number of the signal that ended it as a negative number.
  package static func awaitEnd(of process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    // As WIFEXITED, WEXITSTATUS and WTERMSIG have it.
    return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
  }
}
