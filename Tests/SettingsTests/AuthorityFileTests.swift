import Foundation
import TestSupport
import Testing

@testable import Settings

@Suite("The file of --ca-file")
struct AuthorityFileTests {
  private func error(of content: String?) throws -> SettingError? {
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString).pem")
    defer { try? FileManager.default.removeItem(at: file) }
    try content?.write(to: file, atomically: true, encoding: .utf8)
    do throws(SettingError) {
      try AuthorityFile.check(file.path)
      return nil
    } catch {
      #expect(error.description.hasPrefix("--ca-file \(file.path): "), "\(error)")
      return error
    }
  }

  @Test("may have an authority's certificate, or a server's own")
  func good() throws {
    #expect(try error(of: TestCertificate.authority) == nil)
    #expect(try error(of: TestCertificate.selfSigned.certificate) == nil)
  }

  @Test(
    "is told at once to have no certificate",
    arguments: ["", "root:x:0:0:root:/root:/bin/bash", TestCertificate.good.key])
  func noCertificate(content: String) throws {
    let error = try #require(try error(of: content))
    #expect(error.kind == .configuration && error.description.contains("no certificate in it; give a PEM file"))
  }

  @Test("is told at once not to be there")
  func missing() throws {
    let error = try #require(try error(of: nil))
    #expect(error.kind == .noInput && error.description.hasSuffix("No such file or directory"))
    #expect(throws: SettingError.self) { try AuthorityFile.check("/") }
  }
}
