import Glibc

/// What this computer, and the rights of this process on it, leave to do.
struct MachineReport: Sendable {
  var isRoot: Bool
  /// What a UDP socket fails with; 0: it can be had.
  var socketError: Int32 = 0
  /// Whether libcamerify has put libcamera's face of V4L2 over this process.
  var usesLibcamera = false
  /// The heaps of `/dev/dma_heap`, of which libcamera needs one, and whether it may be used.
  var heaps: [String: Bool] = [:]
  /// Bytes; nil: not known.
  var availableMemory: Int?

  /// What a call at 1280x720 takes, and a little for everybody else.
  private static let neededMemory = 128 << 20

  var findings: [DoctorFinding] {
    [permissions, memory].compactMap { $0 }
  }

  private var permissions: DoctorFinding {
    if socketError != 0 {
      return .problem(
        .permissions, "no UDP socket can be had (\(String(cString: strerror(socketError))))",
        fix: "let the sandbox or container that this runs in have AF_INET and AF_INET6", .permission)
    }
    if usesLibcamera, heaps.isEmpty {
      return .problem(
        .permissions, "there is no /dev/dma_heap, from which libcamera takes its memory",
        fix: "use a kernel of Raspberry Pi OS or Debian 12, and allow char-dma_heap where this is sandboxed",
        .permission)
    }
    if usesLibcamera, !heaps.values.contains(true) {
      let names = heaps.keys.sorted().joined(separator: ", ")
      return .problem(
        .permissions, "none of \(names) may be opened by you, and libcamera needs one",
        fix: "join their group (sudo usermod -aG video $USER) and log in again", .permission)
    }
    return .ok(
      .permissions,
      isRoot
        ? "you are root, who may do everything; a service may do what its unit says"
        : "UDP sockets\(usesLibcamera ? " and libcamera's memory" : "") can be opened")
  }

  private var memory: DoctorFinding? {
    guard let availableMemory else { return nil }
    let text = "\(availableMemory >> 20) MiB are free"
    guard availableMemory < Self.neededMemory else { return .ok(.memory, text) }
    return .warning(
      .memory, "only \(text), and a call takes up to 90", fix: "end other programs, or take a smaller --size")
  }
}
