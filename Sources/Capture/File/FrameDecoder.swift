import CFFmpeg

/// The decoder of one stream and the frame that it returned last (libavcodec).
struct FrameDecoder: ~Copyable {
  private let ffmpeg: FFmpeg
  private let context: UnsafeMutablePointer<AVCodecContext>
  /// The current frame: valid after `receive` has returned `.frame`, until its next call.
  private(set) var frame: UnsafeMutablePointer<AVFrame>
  /// The frame before the current one, valid for as long; empty if there was none.
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

  /// - Parameter prepare: sets the stream's parameters in the context before the decoder is opened.
  init(
    _ decoder: UnsafePointer<AVCodec>, path: String, threads: Int, ffmpeg: FFmpeg,
    prepare: (UnsafeMutablePointer<AVCodecContext>) -> AVStatus
  ) throws(CaptureError) {
    guard let context = ffmpeg.avcodec_alloc_context3(decoder), let frame = ffmpeg.av_frame_alloc(),
      let previous = ffmpeg.av_frame_alloc()
    else { preconditionFailure("out of memory") }
    context.pointee.thread_count = Int32(threads)
    // The size may change in the middle of a stream; one that is too large is refused before memory is allocated.
    context.pointee.max_pixels = Int64(DisplayGeometry.largestArea)
    // That of all channels: 4 MB to 32 MB, according to the format.
    context.pointee.max_samples = 1 << 22
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

  /// Passes a packet to the decoder. `nil` marks the end, after which the decoder returns the frames that it holds back.
  ///
  /// - Returns: false if the packet cannot be decoded.
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

  /// Discards the decoder's state before reading starts at another position.
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
