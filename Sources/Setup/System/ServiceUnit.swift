import Glibc
import NIOPosix
import Spawn

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
    // Ctrl-C is not for it.
    var spawner = ProcessSpawner(.own)
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      spawner.open("/dev/null", as: descriptor, O_RDWR)
    }
    guard let process = try? spawner.spawn(command) else { return -1 }
    return ProcessSpawner.awaitEnd(of: process)
  }
}
