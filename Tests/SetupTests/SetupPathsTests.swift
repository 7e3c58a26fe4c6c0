import Settings
import Testing

@testable import Setup

@Suite("Where setup writes")
struct SetupPathsTests {
  @Test("the files of the service, and of one of several cameras")
  func units() throws {
    let single = try SetupPaths(config: nil, instance: nil)
    #expect(single.settings == "/etc/jinglecam/jinglecam.yaml" && single.password == "/etc/jinglecam/password")
    #expect(single.unit == "jinglecam.service" && single.runtimeDirectory == "/run/jinglecam")
    let door = try SetupPaths(config: nil, instance: "door")
    #expect(door.settings == "/etc/jinglecam/door.yaml" && door.password == "/etc/jinglecam/door.password")
    #expect(door.unit == "jinglecam@door.service" && door.runtimeDirectory == "/run/jinglecam-door")
    #expect(try SetupPaths(config: door.settings, instance: nil) == door)
    #expect(try SetupPaths(config: single.settings, instance: nil) == single)
  }

  @Test("files elsewhere belong to no unit, and the password is beside the settings")
  func elsewhere() throws {
    let own = try SetupPaths(config: "/home/ann/cam.yaml", instance: nil)
    #expect(own.password == "/home/ann/cam.password" && own.directory == "/home/ann/" && own.unit == nil)
    // The service is not started where this was written.
    let here = try SetupPaths(config: "jinglecam.yaml", instance: nil, in: "/home/ann")
    #expect(
      here.settings == "/home/ann/jinglecam.yaml" && here.password == "/home/ann/jinglecam.password" && here.unit == nil
    )
    #expect(try SetupPaths(config: "/etc/jinglecam/cam.yml", instance: nil).unit == nil)
  }

  @Test("a name that would lead elsewhere is refused", arguments: ["", "../x", "a/b", "jinglecam", "-x", "a b", "ü"])
  func instances(name: String) {
    #expect(throws: SettingError.self) { try SetupPaths(config: nil, instance: name) }
    #expect(throws: SettingError.self) { try SetupPaths(config: "cam.yaml", instance: "door") }
  }
}
