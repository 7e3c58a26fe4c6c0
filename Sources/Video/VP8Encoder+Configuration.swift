import CVPX
import NIOCore

extension VP8Encoder {
  package struct Configuration: Sendable {
    package var width: Int
    package var height: Int
    /// The bitrate in bits per second.
    package var bitrate: Int
    /// What the network takes in bits per second, which may be more than is encoded.
    package var availableBitrate: Int
    /// The frame rate from which the rate control starts; then it follows the capture times.
    package var frameRate: FrameRate
    package var threads: Int
    /// The cpu-used of libvpx, -4 (best) to -16 (fastest). Negative speeds are fixed; positive ones depend on the
    /// clock, so that the result would differ each time.
    package var speed: Int
    /// The time after which a key frame is made without being asked for; nil: none is.
    package var keyFrameInterval: TimeAmount?

    package init(
      width: Int, height: Int, bitrate: Int, frameRate: FrameRate, threads: Int = 1, speed: Int = -8,
      keyFrameInterval: TimeAmount? = .seconds(4)
    ) {
      self.width = width
      self.height = height
      self.bitrate = Self.possible(bitrate: bitrate)
      availableBitrate = bitrate
      self.frameRate = frameRate
      self.threads = max(1, min(threads, 16))
      self.speed = Self.possible(speed: speed)
      self.keyFrameInterval = keyFrameInterval
    }

    /// libvpx counts in kbit/s, and below some tens of them no picture is recognizable.
    static func possible(bitrate: Int) -> Int {
      max(10_000, min(bitrate, 1_000_000_000))
    }

    static func possible(speed: Int) -> Int {
      max(-16, min(speed, -1))
    }

    /// The duration of a frame in units of the 90 kHz clock.
    var frameDuration: UInt {
      UInt(max(1, 90_000 * Int64(frameRate.denominator) / Int64(frameRate.numerator)))
    }
  }
}

extension VP8Encoder.Configuration {
  /// The settings of libvpx for a live call, similar to those of libwebrtc's VP8 encoder.
  ///
  /// - Throws: `VideoError.encoderUnavailable`.
  func libvpxConfiguration() throws(VideoError) -> vpx_codec_enc_cfg_t {
    guard width <= 16_383, height <= 16_383 else {  // RFC 6386 section 9.1: 14 bits each
      throw .encoderUnavailable("VP8 has no pictures of \(width)x\(height)")
    }
    var config = vpx_codec_enc_cfg_t()
    let status = vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &config, 0)
    guard status == VPX_CODEC_OK else {
      throw .encoderUnavailable(String(cString: vpx_codec_err_to_string(status)))
    }
    config.g_w = UInt32(width)
    config.g_h = UInt32(height)
    config.g_timebase = vpx_rational(num: 1, den: 90_000)
    config.g_threads = UInt32(threads)
    config.g_pass = VPX_RC_ONE_PASS
    config.g_lag_in_frames = 0
    // Probabilities are reset with each frame, so that a lost frame damages the picture but not the decoding of later
    // ones.
    config.g_error_resilient = vpx_codec_er_flags_t(VPX_ERROR_RESILIENT_DEFAULT)
    config.rc_end_usage = VPX_CBR
    config.rc_target_bitrate = UInt32(bitrate / 1_000)
    config.rc_resize_allowed = 0
    // The source skips pictures, not the encoder: a picture dropped here would already have been captured and
    // converted.
    config.rc_dropframe_thresh = 0
    config.rc_min_quantizer = UInt32(KeyFrameRecovery.lowest)
    // The coarsest there is: what does not fit the bitrate in it takes a smaller size.
    config.rc_max_quantizer = 63
    // The buffer in milliseconds of the bitrate. It is short, so that the bytes of any 200 ms keep close to the bitrate,
    // and what a picture gained or cost is given back within some frames.
    config.rc_undershoot_pct = 100
    config.rc_overshoot_pct = 15
    config.rc_buf_initial_sz = 200
    config.rc_buf_optimal_sz = 200
    config.rc_buf_sz = 400
    config.kf_mode = VPX_KF_AUTO
    config.kf_min_dist = 0
    // Those that are due are asked for, by the time and not by the number of frames.
    config.kf_max_dist = 100_000
    return config
  }

  /// The size limit of a key frame in percent of the mean frame: what the network takes in 120 ms, but at most 240 ms of
  /// the bitrate, and one and a half frames at least.
  var maximumIntraPercentage: Int {
    let milliseconds = min(240, 120 * max(1, Double(availableBitrate) / Double(bitrate)))
    return max(150, Int(milliseconds * frameRate.framesPerSecond / 10))
  }
}
