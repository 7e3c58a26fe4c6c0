import CV4L2

/// The answer to VIDIOC_QUERYCAP for this node (`device_caps`) instead of all nodes of its device; a USB camera, for
/// example, has a second node for metadata.
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

  /// Whether the multi-planar API is used; if a node supports both, the single-planar API is simpler.
  var isMultiPlanar: Bool { flags & UInt32(V4L2_CAP_VIDEO_CAPTURE) == 0 }

  /// Whether the node is the end of a pipeline that is set up elsewhere (V4L2_CAP_IO_MC).
  var isPipeline: Bool { flags & UInt32(V4L2_CAP_IO_MC) != 0 }

  /// Whether the node belongs to a Raspberry Pi's image processor, which converts pictures that it is given: it offers
  /// formats but has no camera.
  var isImageProcessor: Bool { ["bcm2835-isp", "pispbe"].contains(driver) }
}

extension String {
  /// Reads a C string from an array of fixed size, which ends at its zero or with the array.
  init<Bytes>(bytesOf field: Bytes) {
    self = withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
