import CFFmpeg

/// One stream's decoder and the frame it last gave out (libavcodec).
struct FrameDecoder: ~Copyable {
  private let ffmpeg: FFmpeg
  private let context: UnsafeMutablePointer<AVCodecContext>
  /// Valid from a `.frame` until the next `receive`.
  private(set) var frame: UnsafeMutablePointer<AVFrame>
  /// The one before it, valid as long; empty where there was none.
  private(set) var previous: UnsafeMutablePointer<AVFrame>

  enum Output {
    case frame
    case needsPacket
    case corrupt
    case end
  }

  init(for demuxer: borrowing Demuxer, path: String, threads: Int, ffmpeg: FFmpeg) throws(CaptureError) {
    let (parameters, timeBase) = (demuxer.parameters, demuxer.timeBase)
    try self.init(demuxer.decoder, path: path, threads: threads, ffmpeg: ffmpeg) { context in
      context.pointee.pkt_timebase = timeBase
      return AVStatus(code: ffmpeg.avcodec_parameters_to_context(context, parameters))
    }
  }

  /// - Parameter prepare: sets what the decoder is to know of its stream before it is opened.
  init(
    _ decoder: UnsafePointer<AVCodec>, path: String, threads: Int, ffmpeg: FFmpeg,
    prepare: (UnsafeMutablePointer<AVCodecContext>) -> AVStatus
  ) throws(CaptureError) {
    guard let context = ffmpeg.avcodec_alloc_context3(decoder), let frame = ffmpeg.av_frame_alloc(),
      let previous = ffmpeg.av_frame_alloc()
    else { preconditionFailure("out of memory") }
    context.pointee.thread_count = Int32(threads)
    // A stream may change its size midway: refused before there is memory for it.
    context.pointee.max_pixels = Int64(DisplayGeometry.largestArea)
    var status = prepare(context)
    if status.isSuccess {
      status = AVStatus(code: ffmpeg.avcodec_open2(context, decoder, nil))
    }
    guard status.isSuccess else {
      Self.free(context, [frame, previous], ffmpeg)
      throw .unsupported(path: path, reason: ffmpeg.text(of: status))
    }
    self.ffmpeg = ffmpeg
    self.context = context
    self.frame = frame
    self.previous = previous
  }

  deinit {
    Self.free(context, [frame, previous], ffmpeg)
  }

  /// `nil` says that no more will come, and makes the decoder give out what it holds back. False: not decodable.
  func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> Bool {
    AVStatus(code: ffmpeg.avcodec_send_packet(context, packet)).isSuccess
  }

  mutating func receive() -> Output {
    switch AVStatus(code: ffmpeg.avcodec_receive_frame(context, previous)) {
    case let status where status.isSuccess:
      swap(&frame, &previous)
      return .frame
    case .again: return .needsPacket
    case .endOfFile: return .end
    default: return .corrupt
    }
  }

  /// Forgets everything, for another start.
  func flush() {
    ffmpeg.avcodec_flush_buffers(context)
  }

  private static func free(
    _ context: UnsafeMutablePointer<AVCodecContext>, _ frames: [UnsafeMutablePointer<AVFrame>], _ ffmpeg: FFmpeg
  ) {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    ffmpeg.avcodec_free_context(&context)
    for frame in frames {
      var frame: UnsafeMutablePointer<AVFrame>? = frame
      ffmpeg.av_frame_free(&frame)
    }
  }
}
