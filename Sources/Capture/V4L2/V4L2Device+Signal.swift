import CV4L2
import Glibc

/// The signal at the input of a bridge from HDMI (Linux kernel documentation, "Digital Video (DV) Timings").
extension V4L2Device {
  /// Why no pictures come of it; `nil` where there is a signal, or no such input.
  borrowing func signalFault() -> String? {
    var timings = v4l2_dv_timings()
    return cv4l2_query_dv_timings(descriptor, &timings) == 0 ? nil : Self.signalFault(errno)
  }

  /// Sets the bridge to the signal that there is: drivers do not by themselves, and pictures have its size.
  borrowing func adoptSignal() throws(CaptureError) {
    var timings = v4l2_dv_timings()
    guard cv4l2_query_dv_timings(descriptor, &timings) == 0 else {
      guard let fault = Self.signalFault(errno) else { return }
      throw .noSignal(path: path, reason: fault)
    }
    // Where it cannot be set, the next step says why.
    _ = cv4l2_s_dv_timings(descriptor, &timings)
  }

  /// What errno means of VIDIOC_QUERY_DV_TIMINGS; `nil` for what only says that there is no such input.
  private static func signalFault(_ code: Int32) -> String? {
    switch code {
    case ENOLINK: "no signal on HDMI"
    case ENOLCK: "the signal on HDMI is not stable"
    case ERANGE: "the signal on HDMI is larger or faster than the device takes"
    default: nil
    }
  }

  /// Asks to be told when the signal is another (V4L2_EVENT_SOURCE_CHANGE). False: this device tells nothing of the kind.
  borrowing func watchSignal() -> Bool {
    var subscription = v4l2_event_subscription()
    subscription.type = UInt32(V4L2_EVENT_SOURCE_CHANGE)
    return cv4l2_subscribe_event(descriptor, &subscription) == 0
  }

  /// Whether there was such an event since the last time.
  borrowing func takeSignalChange() -> Bool {
    var isChanged = false
    var event = v4l2_event()
    while cv4l2_dqevent(descriptor, &event) == 0 {
      isChanged = isChanged || event.type == UInt32(V4L2_EVENT_SOURCE_CHANGE)
    }
    return isChanged
  }

  /// Why streaming cannot begin. Bridges without a signal answer as a chain of sensor and processors does that nobody has
  /// set up, which has a flag.
  borrowing func streamFailure(_ code: Int32) -> CaptureError {
    guard code == ENOLINK || code == EPIPE else { return .cameraCannotOpen(path: path, code: code) }
    return capabilities.isPipeline
      ? .cameraFailed(path: path, reason: "its sensor and processors are not linked up (media-ctl does that)")
      : .noSignal(path: path, reason: "no signal on HDMI")
  }
}
