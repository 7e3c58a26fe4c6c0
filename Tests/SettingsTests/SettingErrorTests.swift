import Testing

@testable import Settings

@Suite("What is wrong with a setting")
struct SettingErrorTests {
  private static let error = SettingError(of: .option("size"), "'12' is no size", cure: "write 640x480", .usage)

  @Test("names the option of the command line, and the field of a form")
  func names() {
    #expect(Self.error.description == "--size '12' is no size; write 640x480")
    #expect(Self.error.textOfField == "size '12' is no size; write 640x480")
    #expect(SettingError("nobody may watch", .usage).textOfField == "nobody may watch")
  }

  @Test("has the name of its key where the parser knows none")
  func keys() {
    #expect(SettingError("'0' is out of range", .usage).ofKey("viewers").cause == "viewers '0' is out of range")
    // The text of a value is not searched for a name.
    let quoting = SettingError("'--viewers' is out of range", .usage)
    #expect(quoting.ofKey("viewers").cause == "viewers '--viewers' is out of range")
    #expect(Self.error.ofKey("size") == Self.error)
  }

  @Test("begins with the line of the file, and is then a fault of the file")
  func place() {
    let placed = Self.error.at("cam.yaml:4")
    #expect(placed.cause == "cam.yaml:4: --size '12' is no size" && placed.kind == .configuration)
  }
}
