import Foundation
import TestSupport

/// A throw-away Prosody on loopback, with a CA of its own; gone with `stop()`, which may be called twice. Tests that need it are skipped where it
/// is not installed.
final class ProsodyServer: Sendable {
  static let isInstalled =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/prosody")
    && FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

  static let domain = "xmpp.test"
  static let password = "p\u{E4}ss, =word&<>"

  /// Serve the certificate even where it is for another name.
  static let explicitCertificate =
    "ssl = { key = \"DIRECTORY/xmpp.test.key\", certificate = \"DIRECTORY/xmpp.test.crt\" }"

  let port: Int
  let directPort: Int
  let directory: String
  var caFile: String { directory + "/ca.crt" }
  private let process: ChildProcess

  /// `domain` is the host's name as Prosody is to have it; `hostOptions` go into the host's configuration; `modules` are sources in Lua by name, for it to enable.
  init(
    users: [String], hostOptions: String = "", modules: [String: String] = [:],
    domain: String = ProsodyServer.domain, certificateName: String = ProsodyServer.domain
  ) async throws {
    directory = FileManager.default.temporaryDirectory.path + "/jinglecam-prosody-\(UUID().uuidString)"
    (port, directPort) = (try Self.freePort(), try Self.freePort())
    try FileManager.default.createDirectory(atPath: directory + "/data", withIntermediateDirectories: true)
    try Self.makeCertificates(in: directory, name: certificateName)
    for (name, source) in modules {
      try source.write(toFile: directory + "/mod_\(name).lua", atomically: true, encoding: .utf8)
    }
    let configuration = """
      data_path = "\(directory)/data"
      pidfile = "\(directory)/prosody.pid"
      plugin_paths = { "\(directory)" }
      modules_enabled = { "disco", "roster", "saslauth", "tls", "ping", "smacks", "external_services" }
      modules_disabled = { "s2s", "http", "http_altconnect", "admin_telnet", "admin_shell", "posix_signals" }
      interfaces = { "127.0.0.1" }
      c2s_ports = { \(port) }
      c2s_direct_tls_ports = { \(directPort) }
      s2s_ports = {}
      http_ports = {}
      https_ports = {}
      authentication = "internal_hashed"
      c2s_require_encryption = true
      external_services = {
        { type = "stun", transport = "udp", host = "127.0.0.1", port = 3478 };
        { type = "turn", transport = "udp", host = "127.0.0.1", port = 3478, secret = "s3cret", ttl = 3600 };
      }
      log = { debug = "\(directory)/prosody.log" }
      certificates = "\(directory)"
      VirtualHost "\(domain)"
        \(hostOptions.replacing("DIRECTORY", with: directory))
      """
    let file = directory + "/prosody.cfg.lua"
    try configuration.write(toFile: file, atomically: true, encoding: .utf8)
    let isRoot = getuid() == 0
    if isRoot { try ChildProcess.run(["chown", "-R", "prosody:", directory]) }
    let asUser = isRoot ? ["setpriv", "--reuid", "prosody", "--regid", "prosody", "--clear-groups"] : []
    for user in users {
      try ChildProcess.run(
        asUser + ["prosodyctl", "--config", file, "register", user, domain, Self.password])
    }
    process = try ChildProcess(asUser + ["prosody", "-F", "--config", file])
    try await waitUntilListening()
  }

  func stop() {
    process.kill(SIGKILL)
    process.wait()
    try? FileManager.default.removeItem(atPath: directory)
  }

  private func waitUntilListening() async throws {
    for _ in 0..<100 {
      if Self.canConnect(port), Self.canConnect(directPort) { return }
      // A foreign process says in no other way that it is ready.
      try await Task.sleep(for: .milliseconds(50))
    }
    throw CocoaError(.executableLoad)
  }

  /// A CA in `ca.crt`, and what it signed, in `xmpp.test.key` and `xmpp.test.crt`, for `name` and 127.0.0.1.
  static func makeCertificates(in directory: String, name: String) throws {
    func path(_ file: String) -> String { "\(directory)/\(file)" }
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    try ChildProcess.run(
      ["openssl", "req", "-x509"] + key + [
        "-days", "2", "-subj", "/CN=test CA", "-keyout", path("ca.key"), "-out", path("ca.crt"),
        "-addext", "basicConstraints=critical,CA:TRUE",
      ])
    try ChildProcess.run(
      ["openssl", "req"] + key + [
        "-subj", "/CN=\(name)", "-keyout", path("\(domain).key"), "-out", path("\(domain).csr"),
      ])
    try "subjectAltName=DNS:\(name),IP:127.0.0.1\n".write(
      toFile: path("\(domain).ext"), atomically: true, encoding: .utf8)
    try ChildProcess.run([
      "openssl", "x509", "-req", "-in", path("\(domain).csr"), "-CA", path("ca.crt"), "-CAkey", path("ca.key"),
      "-CAcreateserial", "-days", "2", "-extfile", path("\(domain).ext"), "-out", path("\(domain).crt"),
    ])
  }

  private static func freePort() throws -> Int {
    try withSocket { socket, address in
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      guard bind(socket, address, length) == 0 else { throw POSIXError(.EADDRINUSE) }
      var bound = sockaddr_in()
      let result = withUnsafeMutablePointer(to: &bound) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
      }
      guard result == 0 else { throw POSIXError(.EADDRINUSE) }
      return Int(UInt16(bigEndian: bound.sin_port))
    }
  }

  private static func canConnect(_ port: Int) -> Bool {
    withSocket(port: port) { connect($0, $1, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
  }

  private static func withSocket<Result>(
    port: Int = 0, _ body: (Int32, UnsafePointer<sockaddr>) throws -> Result
  ) rethrows -> Result {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Foundation.close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return try withUnsafePointer(to: &address) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body(descriptor, $0) }
    }
  }
}
