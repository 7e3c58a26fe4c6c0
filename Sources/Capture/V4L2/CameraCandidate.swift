import Video

/// A node that may be what SOURCE `camera` means.
struct CameraCandidate: Equatable, Sendable {
  /// In the order in which they are tried.
  enum Kind: Int, Comparable, Sendable {
    case colour
    /// In colour, and only as compressed video: another node of the same camera may have it for less.
    case compressed
    /// Named for infra-red or depth, of which some send pictures as though they had colours.
    case doubtful
    /// Grey, infra-red or depth by its formats, which people who ask for "the camera" do not mean.
    case sensor

    static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }

  let path: String
  /// The same for all nodes of a device.
  let bus: String
  let kind: Kind

  /// Those that could be streamed, the best first, and why the first of the others cannot: what is said of a camera that
  /// was found and does not work helps more than that there is none.
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

  /// `nil` for a node that has no pictures of its own.
  private init?(path: String) throws(CaptureError) {
    let device = try V4L2Device(path: path)
    try device.requireCapture()
    guard !device.capabilities.isImageProcessor else { return nil }
    let offers = device.formatOffers()
    guard offers.contains(where: { $0.format.way != nil }) else { throw device.refusal(of: offers) }
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

  /// Depth, and pictures of two eyes at once, which no node with the camera's colours has (Linux kernel documentation,
  /// "Depth Formats"; `Y8I` and `Y12I` under "Luma-only formats").
  private static let depthFormats: [PixelFormat] = ["Z16 ", "INZI", "CNF4", "Y8I ", "Y12I", "Y16I"]
  private static let sensorWords: [Substring] = ["ir", "infrared", "depth"]
}
