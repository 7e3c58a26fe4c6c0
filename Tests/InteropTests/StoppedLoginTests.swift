import Account
import Foundation
import NIOPosix
import TestSupport
import Testing

/// Against a server that stops in the middle of a login; no world is needed.
@Suite("Ctrl-C, and systemctl stop, while the connection is being made", .serialized)
struct StoppedLoginTests {
  enum Command: String, CaseIterable, Sendable {
    case serve, stream, check, doctor

    func arguments(_ account: [String]) -> [String] {
      switch self {
      case .serve, .doctor: [rawValue, "pattern:320x240@25", "--allow", "ann@xmpp.test"] + account
      case .stream: [rawValue, "pattern:320x240@25", "ann@xmpp.test"] + account
      case .check: [rawValue] + account
      }
    }

    /// What ends it, as its user or systemd does.
    var signal: Int32 { self == .serve ? SIGTERM : SIGINT }
    var code: Int32 { self == .serve ? 0 : 130 }
  }

  /// The files of an account, gone with this.
  private final class Account: Sendable {
    private let directory = FileManager.default.temporaryDirectory.appending(
      path: "jinglecam-account-\(UUID().uuidString)")

    init() throws {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      for (name, text) in [
        ("password", "secret"), ("ca.pem", TestCertificate.authority), ("resolv.conf", Self.resolver),
      ] {
        try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
      }
    }

    private static let resolver = "nameserver 127.0.0.1\noptions timeout:20\n"

    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    func options(server: String?) -> [String] {
      ["--jid", "lobby@xmpp.test", "--password-file", path("password"), "--ca-file", path("ca.pem")]
        + (server.map { ["--server", $0] } ?? [])
    }
  }

  private func stop(_ program: Program, _ command: Command) async throws {
    let asked = ContinuousClock.now
    try program.signalChild(command.signal)
    let end = try await program.end()
    #expect(end.code == command.code, "\(end.lines)")
    #expect(ContinuousClock.now - asked < .seconds(20))
    #expect(!end.lines.contains { $0.contains("online") })
  }

  @Test(
    "at every stage of a login the program ends at once, and is not online", .timeLimit(.minutes(1)),
    arguments: Command.allCases, ScriptedXMPPServer.Stage.ofLogin)
  func login(_ command: Command, at stage: ScriptedXMPPServer.Stage) async throws {
    let account = try Account()
    let server = try await ScriptedXMPPServer.start(
      [stage: [.silence]], on: MultiThreadedEventLoopGroup.singleton.next())
    let program = try Program(
      Call.jinglecam, command.arguments(account.options(server: "127.0.0.1:\(server.port)")))
    await server.wait(for: .reached(stage))
    try await stop(program, command)
    await server.wait(for: .closed)
    try await server.stop()
  }

  @Test("in the pause between two attempts", .timeLimit(.minutes(1)))
  func pause() async throws {
    let account = try Account()
    let program = try Program(Call.jinglecam, Command.serve.arguments(account.options(server: "127.0.0.1:9")))
    try await program.line(containing: "no connection")
    try await stop(program, .serve)
  }

  /// A name server in a network namespace, which says when it is asked, and never answers.
  private static let silentResolver = """
    ip link set lo up && mount --bind "$1" /etc/resolv.conf || exit 1
    python3 -c '
    import os, socket, time
    server = socket.socket(type=socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    if os.fork():
        os._exit(0)
    server.settimeout(20)
    server.recv(512)
    print("asked", flush=True)
    os.close(1), os.close(2)
    time.sleep(20)' || exit 1
    shift
    exec "$@"
    """

  @Test(
    "while DNS does not answer", .enabled(if: geteuid() == 0 || World.isCI, "network namespaces are root's"),
    .timeLimit(.minutes(1)), arguments: Command.allCases)
  func resolution(_ command: Command) async throws {
    let account = try Account()
    let program = try Program(
      "/usr/bin/unshare",
      [
        "--net", "--mount", "/bin/bash", "-c", Self.silentResolver, "bash", account.path("resolv.conf"), Call.jinglecam,
      ] + command.arguments(account.options(server: nil)))
    try await program.line(containing: "asked")
    try await stop(program, command)
  }
}
