import Glibc
import TestSupport
import Testing

@testable import Capture

@Suite("The presence of a source") struct SourcePresenceTests {
  private typealias Format = TestCamera.Format

  /// As it is found now.
  private func check(_ presence: inout SourcePresence) -> Bool {
    presence.check()
    return presence.isPresent
  }

  @Test(
    "a camera is present until it is unplugged, and again under another number",
    arguments: ["camera", TestCamera.stableName])
  func plugging(source: String) throws {
    let camera = try TestCamera()
    var presence = SourcePresence(source, in: camera.directory)
    var seen = [check(&presence), check(&presence)]
    camera.standIn.unplug()
    seen.append(check(&presence))
    try camera.standIn.replug(as: "video3")
    seen.append(check(&presence))
    #expect(seen == [true, true, false, true])
  }

  @Test("the check of a camera leaves no descriptor open")
  func quiet() throws {
    let camera = try TestCamera()
    var presence = SourcePresence("camera", in: camera.directory)
    presence.check()
    #expect(presence.isPresent && camera.standIn.openDescriptors == 0)
  }

  @Test("nodes that are not cameras do not count")
  func others() throws {
    let camera = try TestCamera([Format(.yuyv)], driver: "bcm2835-isp")
    let metadata = try camera.addNode("video1", [.metadata], kind: .metadata)
    var presence = SourcePresence("camera", in: camera.directory)
    #expect(!check(&presence))
    _ = metadata
  }

  @Test("a camera in use by another program is present")
  func busy() throws {
    let camera = try TestCamera()
    camera.standIn.failOpen(EBUSY)
    var presence = SourcePresence("camera", in: camera.directory)
    #expect(check(&presence))
  }

  @Test("a file is present if it exists, and the test pattern always")
  func files() {
    for (source, isPresent) in [("pattern", true), ("-", true), ("/etc/passwd", true), ("/nonexistent/a.mp4", false)] {
      var presence = SourcePresence(source)
      presence.check()
      #expect(presence.isPresent == isPresent, "\(source)")
    }
  }
}
