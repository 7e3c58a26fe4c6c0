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

  @Test("has the name under which the value was given: an option, an argument, or a key of the file")
  func keys() {
    let error = SettingError("'0' is out of range", .usage)
    #expect(error.of(.option("viewers")).cause == "--viewers '0' is out of range")
    #expect(error.of(.argument("PEER")).cause == "PEER '0' is out of range")
    #expect(Self.error.of(.key("size")).cause == "size '12' is no size")
  }

  @Test("begins with the line of the file, and is then a fault of the file")
  func place() {
    let placed = Self.error.at("cam.yaml:4")
    #expect(placed.cause == "cam.yaml:4: --size '12' is no size" && placed.kind == .configuration)
  }
}
