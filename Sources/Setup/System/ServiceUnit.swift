import CSpawn
import Glibc
import NIOPosix

/// A unit of systemd, which is enabled and started by `systemctl`.
package struct ServiceUnit: Sendable {
  package let name: String
  /// Another command than `systemctl`, for tests.
  var command = ["systemctl"]

  package init(_ name: String) {
    self.name = name
  }

  /// Whether systemd runs (sd_booted(3)).
  package static var isSystemdRunning: Bool { access("/run/systemd/system", F_OK) == 0 }

  /// Whether the unit is installed.
  package func exists() async -> Bool { await run("cat") == 0 }

  /// Starts the unit now and at every boot; one that runs is started anew, since its account may have changed.
  ///
  /// - Throws: `SetupError.service`.
  package func start() async throws(SetupError) {
    for verb in ["enable", "restart"] {
      let status = await run(verb)
      guard status == 0 else {
        throw .service("systemctl \(verb) \(name) failed: journalctl -u \(name) says why")
      }
    }
  }

  private func run(_ verb: String) async -> Int32 {
    let command = command + ["--quiet", verb, name]
    return (try? await NIOThreadPool.singleton.runIfActive { Self.spawn(command) }) ?? -1
  }

  /// Runs a program to its end, silently.
  ///
  /// - Returns: its exit code; negative if it did not run or was ended by a signal.
  private static func spawn(_ command: [String]) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // This program ignores signals that the other must not, and Ctrl-C is not for it.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var argv = command.map { strdup($0) } + [nil]
    defer { argv.forEach { free($0) } }
    var identifier: pid_t = 0
    guard posix_spawnp(&identifier, command[0], &actions, &attributes, &argv, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f)
  }
}
