import CV4L2

/// What VIDIOC_QUERYCAP says of a node: of this node (`device_caps`), and not of all nodes of its device together, of
/// which a USB camera has a second one for metadata.
struct DeviceCapabilities: Equatable, Sendable {
  let driver: String
  let card: String
  let bus: String
  private let flags: UInt32

  init(_ capability: v4l2_capability) {
    driver = String(bytesOf: capability.driver)
    card = String(bytesOf: capability.card)
    bus = String(bytesOf: capability.bus_info)
    flags =
      capability.capabilities & UInt32(V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps : capability.capabilities
  }

  var isCapture: Bool {
    flags & UInt32(V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE) != 0
  }

  var canStream: Bool { flags & UInt32(V4L2_CAP_STREAMING) != 0 }

  /// Where a node speaks both, single-planar is the simpler.
  var isMultiPlanar: Bool { flags & UInt32(V4L2_CAP_VIDEO_CAPTURE) == 0 }

  /// Whether it is the end of a chain that is set up elsewhere (V4L2_CAP_IO_MC).
  var isPipeline: Bool { flags & UInt32(V4L2_CAP_IO_MC) != 0 }

  /// Nodes of a Raspberry Pi that turn pictures given to them into others: they offer formats, but see nothing.
  var isImageProcessor: Bool { ["bcm2835-isp", "pispbe"].contains(driver) }
}

extension String {
  /// A C string in an array of fixed size, which ends at its zero or with the array.
  init<Bytes>(bytesOf field: Bytes) {
    self = withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
