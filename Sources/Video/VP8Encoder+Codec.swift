import CVPX
import NIOCore

extension VP8Encoder {
  /// The encoder of libvpx, and the image header by which it reads the planes of a frame in place.
  struct Codec: ~Copyable {
    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private let image: UnsafeMutablePointer<vpx_image_t>

    init(_ configuration: Configuration) throws(VideoError) {
      context = .allocate(capacity: 1)
      context.initialize(to: vpx_codec_ctx_t())
      image = .allocate(capacity: 1)
      image.initialize(to: vpx_image_t())
      try open(configuration.libvpxConfiguration(), configuration)
    }

    /// Begins a new stream, after the memory of the former one was given back: at 720p it takes 24 MB.
    ///
    /// - Throws: `VideoError.encoderUnavailable`, after which nothing can be encoded.
    func restart(_ configuration: Configuration) throws(VideoError) {
      let config = try configuration.libvpxConfiguration()
      vpx_codec_destroy(context)
      try open(config, configuration)
    }

    private func open(_ config: vpx_codec_enc_cfg_t, _ configuration: Configuration) throws(VideoError) {
      var config = config
      let status = cvpx_encoder_init(context, vpx_codec_vp8_cx(), &config)
      guard status == VPX_CODEC_OK else { throw .encoderUnavailable(Self.reason(context, status)) }
      control(VP8E_SET_CPUUSED, configuration.speed)
      // A block that differs this little from the last picture is not coded again; 1 applies only to blocks without
      // noise.
      control(VP8E_SET_STATIC_THRESHOLD, 1)
      control(VP8E_SET_NOISE_SENSITIVITY, 0)
      control(VP8E_SET_TOKEN_PARTITIONS, Int(VP8_ONE_TOKENPARTITION.rawValue))
      control(VP8E_SET_MAX_INTRA_BITRATE_PCT, configuration.maximumIntraPercentage)
    }

    deinit {
      vpx_codec_destroy(context)
      context.deallocate()
      image.deallocate()
    }

    /// Sets a control. libvpx has always had the controls that are used here, and `Configuration` limits their values.
    func control(_ id: vp8e_enc_control_id, _ value: Int) {
      let status = cvpx_control_int(context, Int32(id.rawValue), Int32(value))
      precondition(status == VPX_CODEC_OK, "libvpx knows the control and its range")
    }

    /// - Parameter forgetsCredit: whether the bits that former frames have saved are not to be spent. libvpx cuts them off
    ///   where a buffer becomes smaller.
    func apply(
      _ configuration: Configuration, minimumQuantizer: UInt32, forgetsCredit: Bool = false
    ) throws(VideoError) {
      var config = try configuration.libvpxConfiguration()
      config.rc_min_quantizer = minimumQuantizer
      if forgetsCredit {
        var emptied = config
        emptied.rc_buf_sz = config.rc_buf_optimal_sz
        try set(&emptied)
      }
      try set(&config)
      control(VP8E_SET_MAX_INTRA_BITRATE_PCT, configuration.maximumIntraPercentage)
    }

    private func set(_ config: inout vpx_codec_enc_cfg_t) throws(VideoError) {
      let status = vpx_codec_enc_config_set(context, &config)
      guard status == VPX_CODEC_OK else { throw .encodingFailed(Self.reason(context, status)) }
    }

    func encode(
      _ frame: borrowing VideoFrame, timestamp: Int64, duration: UInt, forceKeyFrame: Bool, temporalLayer: Int
    ) throws(VideoError) -> EncodedFrame? {
      wrap(frame)
      let flags = (forceKeyFrame ? VPX_EFLAG_FORCE_KF : 0) | (temporalLayer > 0 ? Self.nothingRefersToIt : 0)
      let status = vpx_codec_encode(
        context, image, timestamp, duration, vpx_enc_frame_flags_t(flags), UInt(VPX_DL_REALTIME))
      guard status == VPX_CODEC_OK else { throw .encodingFailed(Self.reason(context, status)) }
      var iterator: vpx_codec_iter_t?
      while let packet = vpx_codec_get_cx_data(context, &iterator) {
        guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT else { continue }
        let content = packet.pointee.data.frame
        let bytes = UnsafeRawBufferPointer(start: content.buf, count: content.sz)
        let isKeyFrame = content.flags & UInt32(VPX_FRAME_IS_KEY) != 0
        return EncodedFrame(
          data: ByteBuffer(bytes: bytes), isKeyFrame: isKeyFrame, captureTime: frame.captureTime, width: frame.width,
          height: frame.height, temporalLayer: isKeyFrame ? 0 : temporalLayer, quantizer: lastQuantizer)
      }
      return nil
    }

    /// The flags of a frame to which no later frame refers, neither to the picture nor to its probabilities.
    private static let nothingRefersToIt =
      VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY

    /// The quantizer index of the last frame as it is in its header, 0...127 (RFC 6386 section 9.6).
    private var lastQuantizer: Int { value(of: VP8E_GET_LAST_QUANTIZER) }

    /// The same on the scale of the configuration of libvpx, 0...63.
    var lastQuantizer64: Int { value(of: VP8E_GET_LAST_QUANTIZER_64) }

    private func value(of id: vp8e_enc_control_id) -> Int {
      var value: Int32 = 0
      cvpx_control_get_int(context, Int32(id.rawValue), &value)
      return Int(value)
    }

    private func wrap(_ frame: borrowing VideoFrame) {
      let luma = UnsafeMutablePointer(mutating: frame.luma.base)
      let format: vpx_img_fmt_t
      let chroma: (u: VideoFrame.Plane, v: VideoFrame.Plane)
      switch frame.chroma {
      case .i420(let u, let v):
        format = VPX_IMG_FMT_I420
        chroma = (u, v)
      case .nv12(let uv):
        // libvpx recognizes interleaved samples by the V plane being one byte after the U plane.
        format = VPX_IMG_FMT_NV12
        chroma = (uv, VideoFrame.Plane(base: uv.base + 1, stride: uv.stride))
      }
      vpx_img_wrap(image, format, UInt32(frame.width), UInt32(frame.height), 1, luma)
      image.pointee.planes.0 = luma
      image.pointee.planes.1 = UnsafeMutablePointer(mutating: chroma.u.base)
      image.pointee.planes.2 = UnsafeMutablePointer(mutating: chroma.v.base)
      image.pointee.stride.0 = Int32(frame.luma.stride)
      image.pointee.stride.1 = Int32(chroma.u.stride)
      image.pointee.stride.2 = Int32(chroma.v.stride)
    }

    private static func reason(_ context: UnsafeMutablePointer<vpx_codec_ctx_t>, _ status: vpx_codec_err_t) -> String {
      let detail = vpx_codec_error_detail(context).map { ": " + String(cString: $0) } ?? ""
      return String(cString: vpx_codec_err_to_string(status)) + detail
    }
  }
}
