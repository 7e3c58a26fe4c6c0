import CV4L2
import Glibc

/// The signal at the input of an HDMI bridge (Linux kernel documentation, "Digital Video (DV) Timings").
extension V4L2Device {
  /// Returns why the input provides no pictures, or nil if there is a signal or no such input.
  borrowing func signalFault() -> String? {
    var timings = v4l2_dv_timings()
    return cv4l2_query_dv_timings(descriptor, &timings) == 0 ? nil : Self.signalFault(errno)
  }

  /// Sets the bridge to its current signal, which determines the size of the pictures; drivers do not do that by
  /// themselves.
  ///
  /// - Throws: `CaptureError.noSignal`.
  borrowing func adoptSignal() throws(CaptureError) {
    var timings = v4l2_dv_timings()
    guard cv4l2_query_dv_timings(descriptor, &timings) == 0 else {
      guard let fault = Self.signalFault(errno) else { return }
      throw .noSignal(path: path, reason: fault)
    }
    // If the timings cannot be set, the next step reports why.
    _ = cv4l2_s_dv_timings(descriptor, &timings)
  }

  /// Returns what errno means after VIDIOC_QUERY_DV_TIMINGS, or nil if it only says that there is no such input.
  private static func signalFault(_ code: Int32) -> String? {
    switch code {
    case ENOLINK: "no signal on HDMI"
    case ENOLCK: "the signal on HDMI is not stable"
    case ERANGE: "the signal on HDMI is larger or faster than the device supports"
    default: nil
    }
  }

  /// Subscribes to changes of the signal (V4L2_EVENT_SOURCE_CHANGE); returns false if the device does not report them.
  borrowing func watchSignal() -> Bool {
    var subscription = v4l2_event_subscription()
    subscription.type = UInt32(V4L2_EVENT_SOURCE_CHANGE)
    return cv4l2_subscribe_event(descriptor, &subscription) == 0
  }

  /// Returns whether the signal has changed since the last call.
  borrowing func takeSignalChange() -> Bool {
    var isChanged = false
    var event = v4l2_event()
    while cv4l2_dqevent(descriptor, &event) == 0 {
      isChanged = isChanged || event.type == UInt32(V4L2_EVENT_SOURCE_CHANGE)
    }
    return isChanged
  }

  /// Returns why streaming cannot start. A bridge without a signal reports the same error as an unconfigured pipeline
  /// of sensor and processors; a capability flag tells them apart.
  borrowing func streamFailure(_ code: Int32) -> CaptureError {
    // Somebody may have set up its pipeline for colours, and then it streams.
    if isRawSensor(formatOffers()) { return .rawSensor(path: path) }
    // The controllers of USB 3 say it in this way.
    if code == ENOMEM { return .noBusBandwidth(path: path) }
    guard code == ENOLINK || code == EPIPE else { return .cameraCannotOpen(path: path, code: code) }
    return capabilities.isPipeline
      ? .cameraFailed(path: path, reason: "its sensor and processors are not linked (media-ctl can do that)")
      : .noSignal(path: path, reason: "no signal on HDMI")
  }
}
