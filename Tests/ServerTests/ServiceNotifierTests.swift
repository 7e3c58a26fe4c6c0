import Glibc
import Testing

@testable import Server

@Suite("What systemd is told")
struct ServiceNotifierTests {
  @Test(
    "arrives at the socket that it named, in the file system or in the abstract namespace", arguments: [false, true])
  func arrival(isAbstract: Bool) throws {
    var template = Array("/tmp/jinglecam-notify.XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { rmdir(directory) }
    let path = "\(directory)/socket"
    let receiver = try bind(to: isAbstract ? "\0\(path)" : path)
    defer {
      close(receiver)
      unlink(path)
    }
    let notifier = ServiceNotifier(socketPath: isAbstract ? "@\(path)" : path, watchdog: nil)
    notifier.ready()
    notifier.alive()
    notifier.stopping()
    #expect(try [receive(receiver), receive(receiver), receive(receiver)] == ["READY=1", "WATCHDOG=1", "STOPPING=1"])
  }

  @Test("is lost where nobody listens, or the name is too long")
  func nobody() {
    ServiceNotifier(socketPath: "/proc/self/nonexistent/socket", watchdog: nil).ready()
    ServiceNotifier(socketPath: "/" + String(repeating: "x", count: 200), watchdog: nil).ready()
  }

  private func bind(to path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, length) }
    }
    try #require(status == 0)
    return descriptor
  }

  private func receive(_ descriptor: CInt) throws -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = recv(descriptor, &bytes, bytes.count, CInt(MSG_DONTWAIT))
    try #require(count > 0)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
