import CFFmpeg

/// One stream's decoder and the frame it last gave out (libavcodec).
struct FrameDecoder: ~Copyable {
  private let ffmpeg: FFmpeg
  private let context: UnsafeMutablePointer<AVCodecContext>
  /// Valid from a `.frame` until the next `receive`.
  let frame: UnsafeMutablePointer<AVFrame>

  enum Output {
    case frame
    case needsPacket
    case corrupt
    case end
  }

  init(for demuxer: borrowing Demuxer, path: String, threads: Int, ffmpeg: FFmpeg) throws(CaptureError) {
    guard let context = ffmpeg.avcodec_alloc_context3(demuxer.decoder), let frame = ffmpeg.av_frame_alloc() else {
      preconditionFailure("out of memory")
    }
    context.pointee.thread_count = Int32(threads)
    // A stream may change its size midway: refused before there is memory for it.
    context.pointee.max_pixels = Int64(DisplayGeometry.largestArea)
    context.pointee.pkt_timebase = demuxer.timeBase
    var status = AVStatus(code: ffmpeg.avcodec_parameters_to_context(context, demuxer.parameters))
    if status.isSuccess {
      status = AVStatus(code: ffmpeg.avcodec_open2(context, demuxer.decoder, nil))
    }
    guard status.isSuccess else {
      Self.free(context, frame, ffmpeg)
      throw .unsupported(path: path, reason: ffmpeg.text(of: status))
    }
    self.ffmpeg = ffmpeg
    self.context = context
    self.frame = frame
  }

  deinit {
    Self.free(context, frame, ffmpeg)
  }

  /// `nil` says that no more will come, and makes the decoder give out what it holds back. False: not decodable.
  func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> Bool {
    AVStatus(code: ffmpeg.avcodec_send_packet(context, packet)).isSuccess
  }

  func receive() -> Output {
    switch AVStatus(code: ffmpeg.avcodec_receive_frame(context, frame)) {
    case let status where status.isSuccess: .frame
    case .again: .needsPacket
    case .endOfFile: .end
    default: .corrupt
    }
  }

  /// Forgets everything, for another start.
  func flush() {
    ffmpeg.avcodec_flush_buffers(context)
  }

  private static func free(
    _ context: UnsafeMutablePointer<AVCodecContext>, _ frame: UnsafeMutablePointer<AVFrame>, _ ffmpeg: FFmpeg
  ) {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    var frame: UnsafeMutablePointer<AVFrame>? = frame
    ffmpeg.avcodec_free_context(&context)
    ffmpeg.av_frame_free(&frame)
  }
}
