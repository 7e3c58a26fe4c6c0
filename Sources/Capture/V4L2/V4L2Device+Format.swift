import CV4L2
import Glibc
import Video

extension V4L2Device {
  /// Sets format, size and rate, and returns what the driver made of them.
  ///
  /// VIDIOC_S_PARM is optional, and libcamerify does not support it: the camera then chooses its rate. The rate is set
  /// even if the camera lists none, because some start at a few pictures per second otherwise.
  ///
  /// - Throws: `CaptureError`.
  borrowing func set(_ mode: CaptureMode) throws(CaptureError) -> (layout: FrameLayout, rate: FrameRate?) {
    var format = v4l2_format()
    format.type = bufferType.rawValue
    if capabilities.isMultiPlanar {
      format.fmt.pix_mp.width = UInt32(mode.size.width)
      format.fmt.pix_mp.height = UInt32(mode.size.height)
      format.fmt.pix_mp.pixelformat = mode.format.code
      format.fmt.pix_mp.field = UInt32(V4L2_FIELD_NONE.rawValue)
    } else {
      format.fmt.pix.width = UInt32(mode.size.width)
      format.fmt.pix.height = UInt32(mode.size.height)
      format.fmt.pix.pixelformat = mode.format.code
      format.fmt.pix.field = UInt32(V4L2_FIELD_NONE.rawValue)
    }
    var layout = try set(&format)
    // Which order of fields comes is known only now, and with it whether the height was taken for that of a field.
    if layout.fields == .separate, layout.size.height > mode.size.height {
      let height = UInt32(mode.size.height / 2)
      if capabilities.isMultiPlanar { format.fmt.pix_mp.height = height } else { format.fmt.pix.height = height }
      layout = try set(&format)
    }
    compose(layout.storedSize)
    return (layout, setRate(mode.rate))
  }

  private borrowing func set(_ format: inout v4l2_format) throws(CaptureError) -> FrameLayout {
    guard cv4l2_s_fmt(descriptor, &format) == 0 else { throw .cameraCannotOpen(path: path, code: errno) }
    guard let layout = FrameLayout(format, isMultiPlanar: capabilities.isMultiPlanar) else {
      throw .notCamera(path: path, reason: "it reports an impossible format")
    }
    return layout
  }

  /// Makes the driver write whole pictures: after a smaller one, some keep writing only that size (Linux kernel
  /// documentation, "Selection API"). Most drivers do not support this.
  private borrowing func compose(_ size: PictureSize) {
    var selection = v4l2_selection()
    selection.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    selection.target = UInt32(V4L2_SEL_TGT_COMPOSE)
    selection.r.width = UInt32(size.width)
    selection.r.height = UInt32(size.height)
    _ = cv4l2_s_selection(descriptor, &selection)
  }

  private borrowing func setRate(_ rate: FrameRate) -> FrameRate? {
    var parameters = v4l2_streamparm()
    parameters.type = bufferType.rawValue
    parameters.parm.capture.timeperframe = rate.v4l2Interval
    // Without the capability the answer repeats the request, whatever the rate.
    guard cv4l2_s_parm(descriptor, &parameters) == 0,
      parameters.parm.capture.capability & UInt32(V4L2_CAP_TIMEPERFRAME) != 0
    else { return nil }
    return FrameRate(interval: parameters.parm.capture.timeperframe)
  }
}
