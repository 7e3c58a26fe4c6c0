import CV4L2
import Glibc

/// An open V4L2 capture node ("Video for Linux API", Linux kernel documentation, part I), which is closed with the
/// value.
struct V4L2Device: ~Copyable {
  let path: String
  let descriptor: Int32
  let capabilities: DeviceCapabilities

  /// Opens the node and verifies that it is a video device.
  ///
  /// - Throws: `CaptureError`.
  init(path: String) throws(CaptureError) {
    let descriptor = cv4l2_open(path)
    guard descriptor >= 0 else { throw .cameraCannotOpen(path: path, code: errno) }
    var capability = v4l2_capability()
    guard cv4l2_querycap(descriptor, &capability) == 0 else {
      let code = errno
      close(descriptor)
      // A file that is no video device does not support the request. Other errors occur when a camera is unplugged or
      // its firmware hangs.
      throw code == ENOTTY || code == EINVAL
        ? .notCamera(path: path, reason: "it is not a video device") : .cameraCannotOpen(path: path, code: code)
    }
    self.path = path
    self.descriptor = descriptor
    capabilities = DeviceCapabilities(capability)
  }

  deinit {
    close(descriptor)
  }

  /// Verifies that the node captures pictures: a USB camera has a second node for metadata, and other nodes output
  /// video or are only tuners.
  ///
  /// - Throws: `CaptureError.notCamera`.
  borrowing func requireCapture() throws(CaptureError) {
    guard capabilities.isCapture else {
      throw .notCamera(path: path, reason: "this node of \(capabilities.card) delivers no frames")
    }
    guard capabilities.canStream else {
      throw .notCamera(path: path, reason: "its driver cannot stream")
    }
  }

  /// Whether the node receives what a sensor gives. In a pipeline that is set up elsewhere it offers the formats of every
  /// sensor, so that colours among them say nothing of the one that is connected (V4L2_CAP_IO_MC in "ioctl
  /// VIDIOC_ENUM_FMT", Linux kernel documentation), as on a Raspberry Pi 5.
  borrowing func isRawSensor(_ offers: [FormatOffer]) -> Bool {
    guard capabilities.isPipeline else { return !offers.isEmpty && offers.allSatisfy(\.format.isBayer) }
    return offers.contains { $0.format.isBayer }
  }

  /// Whether the node gives pictures in one of the offered formats.
  borrowing func givesPictures(in offers: [FormatOffer]) -> Bool {
    offers.contains { $0.format.way != nil } && !isRawSensor(offers)
  }

  /// Returns why none of the offered formats can be used.
  borrowing func refusal(of offers: [FormatOffer]) -> CaptureError {
    guard !offers.isEmpty else { return .notCamera(path: path, reason: "it offers no formats") }
    if isRawSensor(offers) { return .rawSensor(path: path) }
    let names = offers.map(\.format.name).joined(separator: ", ")
    return .notCamera(path: path, reason: "it offers only \(names)")
  }

  var bufferType: v4l2_buf_type {
    capabilities.isMultiPlanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE
  }
}

extension CaptureError {
  /// Returns the error for an errno that occurred when a camera was opened, set up or started.
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
