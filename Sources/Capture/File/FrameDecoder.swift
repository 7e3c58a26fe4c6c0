import CFFmpeg

/// One stream's decoder and the frame it last gave out (libavcodec).
struct FrameDecoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  /// Valid from a `.frame` until the next `receive`.
  let frame: UnsafeMutablePointer<AVFrame>

  enum Output {
    case frame
    case needsPacket
    case corrupt
    case end
  }

  init(for demuxer: borrowing Demuxer, path: String, threads: Int) throws(CaptureError) {
    guard let context = avcodec_alloc_context3(demuxer.decoder), let frame = av_frame_alloc() else {
      preconditionFailure("out of memory")
    }
    context.pointee.thread_count = Int32(threads)
    context.pointee.pkt_timebase = demuxer.timeBase
    var status = AVStatus(code: avcodec_parameters_to_context(context, demuxer.parameters))
    if status.isSuccess {
      status = AVStatus(code: avcodec_open2(context, demuxer.decoder, nil))
    }
    guard status.isSuccess else {
      Self.free(context, frame)
      throw .unsupported(path: path, reason: status.text)
    }
    self.context = context
    self.frame = frame
  }

  deinit {
    Self.free(context, frame)
  }

  /// `nil` says that no more will come, and makes the decoder give out what it holds back. False: not decodable.
  func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> Bool {
    AVStatus(code: avcodec_send_packet(context, packet)).isSuccess
  }

  func receive() -> Output {
    switch AVStatus(code: avcodec_receive_frame(context, frame)) {
    case let status where status.isSuccess: .frame
    case .again: .needsPacket
    case .endOfFile: .end
    default: .corrupt
    }
  }

  /// Forgets everything, for another start.
  func flush() {
    avcodec_flush_buffers(context)
  }

  private static func free(
    _ context: UnsafeMutablePointer<AVCodecContext>, _ frame: UnsafeMutablePointer<AVFrame>
  ) {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    var frame: UnsafeMutablePointer<AVFrame>? = frame
    avcodec_free_context(&context)
    av_frame_free(&frame)
  }
}
