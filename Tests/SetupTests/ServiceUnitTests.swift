import Foundation
import Testing

@testable import Setup

@Suite("The unit that setup starts")
struct ServiceUnitTests {
  private let directory = FileManager.default.temporaryDirectory.path + "/jinglecam-unit-\(UUID().uuidString)"

  /// A program in the place of systemctl, which notes what it is told, and fails at the verb that a test says.
  private func unit(failingAt verb: String = "nothing") throws -> ServiceUnit {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    // Read by a shell: a file that was just written cannot be executed while the child of another test still has it open.
    let program = directory + "/systemctl"
    try "echo \"$@\" >>\(directory)/log\necho noise; echo noise >&2\n[ \"$2\" != \(verb) ]\n".write(
      toFile: program, atomically: true, encoding: .utf8)
    var unit = ServiceUnit("jinglecam@door.service")
    unit.command = ["/bin/sh", program]
    return unit
  }

  private var log: [String] {
    ((try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  private func clean() { try? FileManager.default.removeItem(atPath: directory) }

  @Test("is enabled, and started anew where it runs")
  func start() async throws {
    defer { clean() }
    let unit = try unit()
    #expect(await unit.exists())
    try await unit.start()
    #expect(
      log == ["cat", "enable", "restart"].map { "--quiet \($0) jinglecam@door.service" })
  }

  @Test("that is not there, or does not start, is told", arguments: ["cat", "enable", "restart"])
  func failure(verb: String) async throws {
    defer { clean() }
    let unit = try unit(failingAt: verb)
    #expect(await unit.exists() == (verb != "cat"))
    guard verb != "cat" else { return }
    let error = await #expect(throws: SetupError.self) { try await unit.start() }
    #expect(
      error?.description
        == "systemctl \(verb) jinglecam@door.service failed: journalctl -u jinglecam@door.service says why")
  }

  @Test("a program that is not there is no unit")
  func noProgram() async {
    var unit = ServiceUnit("jinglecam.service")
    unit.command = ["/no/such/systemctl"]
    #expect(await !unit.exists())
  }
}
