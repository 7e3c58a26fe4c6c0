import CV4L2
import Glibc

/// An open V4L2 capture node ("Video for Linux API", Linux kernel documentation, part I); closed with the value.
struct V4L2Device: ~Copyable {
  let path: String
  let descriptor: Int32
  let capabilities: DeviceCapabilities

  /// Opens the node and makes sure that it is a camera.
  init(path: String) throws(CaptureError) {
    let descriptor = cv4l2_open(path)
    guard descriptor >= 0 else { throw .cameraCannotOpen(path: path, code: errno) }
    var capability = v4l2_capability()
    guard cv4l2_querycap(descriptor, &capability) == 0 else {
      let code = errno
      close(descriptor)
      // What is no video device does not know the question; a camera may vanish, or its firmware hang.
      throw code == ENOTTY || code == EINVAL
        ? .notCamera(path: path, reason: "it is no video device") : .cameraCannotOpen(path: path, code: code)
    }
    self.path = path
    self.descriptor = descriptor
    capabilities = DeviceCapabilities(capability)
  }

  deinit {
    close(descriptor)
  }

  /// A USB camera has a second node, for metadata, and there are nodes that show and nodes that only tune.
  borrowing func requireCapture() throws(CaptureError) {
    guard capabilities.isCapture else {
      throw .notCamera(path: path, reason: "this node of \(capabilities.card) gives no pictures")
    }
    guard capabilities.canStream else {
      throw .notCamera(path: path, reason: "its driver cannot stream")
    }
  }

  /// Why none of its formats can be sent.
  borrowing func refusal(of offers: [FormatOffer]) -> CaptureError {
    guard !offers.isEmpty else { return .notCamera(path: path, reason: "it offers no pictures") }
    if offers.allSatisfy(\.format.isBayer) { return .rawSensor(path: path) }
    let names = offers.map(\.format.name).joined(separator: ", ")
    return .notCamera(path: path, reason: "it offers only \(names)")
  }

  var bufferType: v4l2_buf_type {
    capabilities.isMultiPlanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE
  }
}

extension CaptureError {
  /// What errno means where a camera is opened, set up or started.
  static func cameraCannotOpen(path: String, code: Int32) -> CaptureError {
    switch code {
    case ENOENT, ENODEV, ENXIO, ENOTDIR:
      .noSuchCamera(path: path)
    case EACCES, EPERM:
      .cameraForbidden(path: path, group: DeviceOwnership.group(of: path))
    case EBUSY:
      .cameraBusy(path: path, holder: DeviceOwnership.holder(of: path))
    case ENOSPC:
      .noBusBandwidth(path: path)
    default:
      .cameraFailed(path: path, reason: String(cString: strerror(code)))
    }
  }
}
