import Glibc
import Testing

@testable import Network

@Suite("The system's certificate authorities")
struct SystemAuthoritiesTests {
  @Test("are read by need from a directory with hashed names", arguments: ["0179095f.0", "0179095f.12"])
  func hashed(name: String) throws {
    #expect(try isReadByNeed(["Root.pem", name]))
  }

  @Test(
    "are read by the library's rule where names are not hashed",
    arguments: ["Root.pem", "0179095f", "0179095f.", "0179095f.pem", "0179095.0", "0179095g.0", "0179095f.0.bak"])
  func plain(name: String) throws {
    #expect(try !isReadByNeed([name]))
  }

  @Test("and so they are where there is no such directory")
  func missing() {
    guard case .default = SystemAuthorities.trustRoots(in: "/proc/self/nonexistent") else {
      Issue.record("a directory that is not there was taken")
      return
    }
  }

  private func isReadByNeed(_ names: [String]) throws -> Bool {
    var template = Array("/tmp/jinglecam-authorities.XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { rmdir(directory) }
    for name in names {
      let file = open("\(directory)/\(name)", O_CREAT | O_WRONLY, 0o600)
      try #require(file >= 0)
      close(file)
    }
    defer { for name in names { unlink("\(directory)/\(name)") } }
    guard case .file(directory) = SystemAuthorities.trustRoots(in: directory) else { return false }
    return true
  }
}
