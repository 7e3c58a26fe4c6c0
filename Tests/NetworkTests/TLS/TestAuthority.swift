import Foundation
import TestSupport

/// A certificate authority in a directory of its own, and what it signs; gone with `remove()`.
struct TestAuthority {
  static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

  struct Identity {
    let certificate: String
    let key: String

    /// The certificate's file has that of its issuer besides.
    func with(intermediate: Identity) throws -> Identity {
      let text = try [certificate, intermediate.certificate].map { try String(contentsOfFile: $0, encoding: .utf8) }
      try text.joined().write(toFile: certificate + ".chain", atomically: true, encoding: .utf8)
      return Identity(certificate: certificate + ".chain", key: key)
    }
  }

  let directory: String
  var caFile: String { directory + "/ca.crt" }

  static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

  /// - Parameters:
  ///   - key: how openssl-req(1) is to make the key.
  ///   - extensions: as openssl's x509v3_config(5) has them.
  init(key: [String] = newKey, extensions: [String] = ["basicConstraints=critical,CA:TRUE"]) throws {
    directory = FileManager.default.temporaryDirectory.path + "/jinglecam-authority-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    // The system's own configuration has extensions of its own.
    let configuration = "[req]\ndistinguished_name = name\n[name]\n"
    try configuration.write(toFile: "\(directory)/ca.cnf", atomically: true, encoding: .utf8)
    try openssl(
      ["req", "-x509"] + key + [
        "-config", "ca.cnf", "-days", "2", "-subj", "/CN=test CA", "-keyout", "ca.key", "-out", "ca.crt",
      ] + extensions.flatMap { ["-addext", $0] })
  }

  func remove() throws { try FileManager.default.removeItem(atPath: directory) }

  /// - Parameters:
  ///   - name: the file's; its common name is `subject`.
  ///   - extensions: as openssl's x509v3_config(5) has them, a line each.
  ///   - key: how openssl-req(1) is to make the key.
  ///   - issuer: the file's name of what signs it.
  ///   - options: of openssl-x509(1).
  func sign(
    _ name: String, subject: String, extensions: [String], key: [String] = newKey, issuer: String = "ca",
    options: [String] = ["-days", "2"]
  ) throws -> Identity {
    try openssl(["req"] + key + ["-subj", "/CN=\(subject)", "-keyout", "\(name).key", "-out", "\(name).csr"])
    try (extensions.joined(separator: "\n") + "\n").write(
      toFile: "\(directory)/\(name).ext", atomically: true, encoding: .utf8)
    try openssl(
      [
        "x509", "-req", "-in", "\(name).csr", "-CA", "\(issuer).crt", "-CAkey", "\(issuer).key", "-CAcreateserial",
        "-extfile", "\(name).ext", "-out", "\(name).crt",
      ] + options)
    return Identity(certificate: "\(directory)/\(name).crt", key: "\(directory)/\(name).key")
  }

  func openssl(_ arguments: [String]) throws {
    try ChildProcess.run(["/usr/bin/openssl"] + arguments, in: directory)
  }
}
