import CV4L2
import Glibc
import Video

extension V4L2Device {
  /// Sets format, size and rate, and answers what the driver made of them.
  ///
  /// VIDIOC_S_PARM is optional, and libcamerify has none: then the camera comes at a rate of its own.
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
    guard cv4l2_s_fmt(descriptor, &format) == 0 else { throw .cameraCannotOpen(path: path, code: errno) }
    guard let layout = FrameLayout(format, isMultiPlanar: capabilities.isMultiPlanar) else {
      throw .notCamera(path: path, reason: "it answers with a picture that cannot be")
    }
    guard let rate = mode.rate else { return (layout, nil) }
    return (layout, setRate(rate))
  }

  private borrowing func setRate(_ rate: FrameRate) -> FrameRate? {
    var parameters = v4l2_streamparm()
    parameters.type = bufferType.rawValue
    parameters.parm.capture.timeperframe = rate.v4l2Interval
    guard cv4l2_s_parm(descriptor, &parameters) == 0 else { return nil }
    return FrameRate(interval: parameters.parm.capture.timeperframe)
  }
}
