import Foundation
import Testing

/// A mount namespace in which systemd seems to run, so that `jinglecam setup` starts the service: its /run and /etc are
/// layers over this computer's. Only root may make one; on CI that is a failure, not an excuse.
struct ServiceNamespace {
  static let isWanted = World.isWanted && (geteuid() == 0 || World.isCI)

  private let directory = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")

  /// Makes the namespace and becomes the program.
  private static let script = """
    set -e
    mount -t tmpfs tmpfs /run
    mkdir -p /run/systemd/system /run/jinglecam
    mount -t tmpfs tmpfs "$LAYERS"
    mkdir "$LAYERS/upper" "$LAYERS/work" "$LAYERS/bin"
    mount -t overlay overlay -o "lowerdir=/etc,upperdir=$LAYERS/upper,workdir=$LAYERS/work" /etc
    mkdir -p /etc/jinglecam
    printf '%s\\n' "$SYSTEMCTL" > "$LAYERS/bin/systemctl"
    chmod +x "$LAYERS/bin/systemctl"
    PATH=$LAYERS/bin:$PATH exec "$0" "$@"
    """

  /// Does for the unit what `systemctl --quiet restart` does.
  private static let systemctl = """
    #!/bin/sh
    [ "$2" = restart ] || exit 0
    export RUNTIME_DIRECTORY=/run/jinglecam STATE_DIRECTORY=/run/jinglecam
    setsid timeout 80 "$JINGLECAM" serve --config /etc/jinglecam/jinglecam.yaml \
      --password-file /etc/jinglecam/password </dev/null >/dev/null 2>&1 &
    echo $! >"$SERVICE"
    """

  init() throws {
    try FileManager.default.createDirectory(
      at: directory.appending(path: "layers"), withIntermediateDirectories: true)
  }

  private var service: URL { directory.appending(path: "service") }

  private var environment: [String: String] {
    [
      "LAYERS": directory.appending(path: "layers").path, "SERVICE": service.path, "JINGLECAM": Call.jinglecam,
      "SYSTEMCTL": Self.systemctl, "TERM": "xterm-256color",
    ]
  }

  private func arguments(_ options: [String]) -> [String] {
    ["--mount", "--propagation", "private", "/bin/sh", "-c", Self.script, Call.jinglecam, "setup"] + options
  }

  /// `jinglecam setup` at a terminal.
  func terminal(_ options: [String]) throws -> TerminalProgram {
    try TerminalProgram("/usr/bin/unshare", arguments(options), environment: environment)
  }

  func program(_ options: [String]) throws -> Program {
    try Program("/usr/bin/unshare", arguments(options), environment: environment)
  }

  /// The process of the service; nil if it was not started.
  private var process: pid_t? {
    (try? String(contentsOf: service, encoding: .utf8)).flatMap { pid_t($0.trimmingCharacters(in: .newlines)) }
  }

  var isServiceRunning: Bool { process.map { kill($0, 0) == 0 } ?? false }

  /// Ends the service.
  func clean() {
    if let process { kill(process, SIGTERM) }
    try? FileManager.default.removeItem(at: directory)
  }
}
