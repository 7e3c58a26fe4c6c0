import Glibc

extension MachineReport {
  static func gather() -> MachineReport {
    MachineReport(
      isRoot: geteuid() == 0, socketError: socketError, usesLibcamera: usesLibcamera,
      heaps: usesLibcamera ? heaps : [:], availableMemory: availableMemory)
  }

  private static var socketError: Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return status == 0 ? 0 : errno
  }

  /// libcamerify(1) preloads its library.
  private static var usesLibcamera: Bool {
    getenv("LD_PRELOAD").map { String(cString: $0).contains("v4l2-compat") } ?? false
  }

  private static var heaps: [String: Bool] {
    guard let directory = opendir("/dev/dma_heap") else { return [:] }
    defer { closedir(directory) }
    var heaps: [String: Bool] = [:]
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard !name.hasPrefix(".") else { continue }
      let path = "/dev/dma_heap/\(name)"
      heaps[path] = access(path, R_OK | W_OK) == 0
    }
    return heaps
  }

  /// `MemAvailable` of /proc/meminfo, which a sandbox may hide.
  private static var availableMemory: Int? {
    guard let file = fopen("/proc/meminfo", "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    let line = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("MemAvailable:")
    }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
