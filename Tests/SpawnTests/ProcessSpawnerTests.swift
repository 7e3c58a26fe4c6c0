import Foundation
import Spawn
import Testing

@Suite("Another program that is started") struct ProcessSpawnerTests {
  /// Runs a script of the shell to its end.
  ///
  /// - Returns: the lines that it wrote, and its exit code.
  private static func run(
    _ script: String, _ group: ProcessSpawner.Group = .own, in directory: String? = nil,
    environment: [String: String]? = nil
  ) throws -> (lines: [String], code: Int32) {
    let output = Pipe()
    var spawner = ProcessSpawner(group)
    spawner.open("/dev/null", as: STDIN_FILENO, O_RDONLY)
    spawner.duplicate(output.fileHandleForWriting.fileDescriptor, as: STDOUT_FILENO)
    spawner.duplicate(STDOUT_FILENO, as: STDERR_FILENO)
    if let directory { spawner.changeDirectory(to: directory) }
    let process = try spawner.spawn(["/bin/sh", "-c", script], environment: environment)
    try output.fileHandleForWriting.close()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    return (text.split(separator: "\n").map(String.init), ProcessSpawner.awaitEnd(of: process))
  }

  @Test("signals that this program blocks or ignores are neither for it")
  func signals() throws {
    // Of the real-time signals (signal(7)), which nobody uses.
    let (blocked, ignored) = (CInt(50), CInt(51))
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, blocked)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    defer { pthread_sigmask(SIG_UNBLOCK, &set, nil) }
    signal(ignored, SIG_IGN)
    defer { signal(ignored, SIG_DFL) }
    let lines = try Self.run("exec grep -E '^Sig(Blk|Ign):' /proc/self/status").lines
    let masks = lines.compactMap { $0.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } }
    try #require(masks.count == 2)
    #expect(masks[0] == 0)
    // The C library ignores two of its own.
    #expect(masks[1] & (1 << (ignored - 1)) == 0)
  }

  @Test("it has the standard descriptors and no other")
  func descriptors() throws {
    // Not closed on exec, unlike those that this program opens.
    let descriptor = dup(STDIN_FILENO)
    defer { close(descriptor) }
    #expect(try Self.run("ls /proc/$$/fd").lines == ["0", "1", "2"])
  }

  @Test(
    "it is in our process group, or leads one or a session", arguments: [ProcessSpawner.Group.shared, .own, .session])
  func groups(_ group: ProcessSpawner.Group) throws {
    let lines = try Self.run("echo $$; cut -d ' ' -f 5,6 /proc/$$/stat", group).lines
    let process = try #require(lines.first)
    let expected =
      switch group {
      case .shared: "\(getpgrp()) \(getsid(0))"
      case .own: "\(process) \(getsid(0))"
      case .session: "\(process) \(process)"
      }
    #expect(lines.last == expected)
  }

  @Test("it has the environment and the directory that it is given, else our own")
  func surroundings() throws {
    #expect(try Self.run("echo $A; pwd", in: "/proc", environment: ["A": "b"]).lines == ["b", "/proc"])
    let own = try Self.run("echo $PATH; pwd -P").lines
    #expect(own == [ProcessInfo.processInfo.environment["PATH"], FileManager.default.currentDirectoryPath])
  }

  @Test("its exit code, or what signal ended it, is known, and why it could not be started")
  func ends() throws {
    #expect(try Self.run("exit 7").code == 7)
    #expect(try Self.run("kill -KILL $$").code == -SIGKILL)
    let error = #expect(throws: SpawnError.self) {
      try ProcessSpawner(.own).spawn(["/nowhere/program"])
    }
    #expect(error?.code == ENOENT)
  }
}
