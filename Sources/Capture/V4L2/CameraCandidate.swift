/// A node that the SOURCE `camera` may select.
struct CameraCandidate: Equatable, Sendable {
  /// The kinds of nodes, in the order in which they are tried.
  enum Kind: Int, Comparable, Sendable {
    case colour
    /// A camera with colours only as compressed video; another node of the same camera may provide them at less cost.
    case compressed
    /// A camera whose name says infrared or depth, since some of these offer colour formats.
    case doubtful
    /// A grey, infrared or depth sensor by its formats, which users do not mean by "camera".
    case sensor

    static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }

  let path: String
  /// The bus address, which all nodes of a device share.
  let bus: String
  let kind: Kind

  /// Returns the nodes that can be streamed, the best first, and the error of the first camera that cannot: it helps
  /// users more than the statement that there is no camera.
  static func all(in directory: DeviceDirectory) -> (candidates: [CameraCandidate], closest: CaptureError?) {
    var candidates: [CameraCandidate] = []
    var closest: CaptureError?
    for path in directory.nodes() {
      do throws(CaptureError) {
        if let candidate = try CameraCandidate(path: path) { candidates.append(candidate) }
      } catch {
        if case .notCamera = error { continue }
        closest = closest ?? error
      }
    }
    let ordered = candidates.enumerated().sorted { ($0.element.kind, $0.offset) < ($1.element.kind, $1.offset) }
    return (ordered.map(\.element), closest)
  }

  /// Examines a node; returns nil if it has no pictures of its own.
  ///
  /// - Throws: `CaptureError`.
  private init?(path: String) throws(CaptureError) {
    let device = try V4L2Device(path: path)
    try device.requireCapture()
    guard !device.capabilities.isImageProcessor else { return nil }
    let offers = device.formatOffers()
    guard device.givesPictures(in: offers) else { throw device.refusal(of: offers) }
    self.path = path
    bus = device.capabilities.bus
    kind = Self.kind(card: device.capabilities.card, formats: offers.map(\.format))
  }

  static func kind(card: String, formats: [PixelFormat]) -> Kind {
    let isGrey = formats.allSatisfy { $0.way?.isGrey ?? true }
    guard !isGrey, !formats.contains(where: { depthFormats.contains($0) }) else { return .sensor }
    let isCompressed = !formats.contains { $0.way.map { !$0.isVideo && !$0.isGrey } ?? false }
    let words = card.lowercased().split { !$0.isLetter }
    return words.contains { sensorWords.contains($0) } && !words.contains("rgb")
      ? .doubtful : isCompressed ? .compressed : .colour
  }

  /// The formats of depth sensors and of stereo sensors, which no node with the camera's colours offers (Linux kernel
  /// documentation, "Depth Formats"; `Y8I` and `Y12I` under "Luma-only formats").
  private static let depthFormats: [PixelFormat] = ["Z16 ", "INZI", "CNF4", "Y8I ", "Y12I", "Y16I"]
  private static let sensorWords: [Substring] = ["ir", "infrared", "depth"]
}
