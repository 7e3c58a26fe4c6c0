import CFFmpeg
import NIOCore
import Video

/// Decodes the compressed video of a camera by FFmpeg; each buffer of the camera contains an access unit. Decoding
/// begins at a key frame, also after each loss, since FFmpeg would replace missing reference pictures by grey.
///
/// It is a class because a picture is lent while the camera's counters are read.
final class AccessUnitDecoder {
  private let codec: VideoCodec
  private let ffmpeg: FFmpeg
  private let packet: UnsafeMutablePointer<AVPacket>
  private var decoder: FrameDecoder
  private var unpacker: PixelUnpacker
  /// Whether the reference pictures have been decoded.
  private var hasReference = false
  /// The size of the last picture, as stated in the video.
  private(set) var size: PictureSize?

  init(_ codec: VideoCodec, path: String) throws(CaptureError) {
    let ffmpeg = try FFmpeg.load()
    guard let found = ffmpeg.avcodec_find_decoder(codec.id) else {
      throw .unsupported(path: path, reason: "FFmpeg has no decoder for \(codec.name)")
    }
    decoder = try FrameDecoder(found, path: path, threads: 1, ffmpeg: ffmpeg) { context in
      // Low delay returns each picture at once; the pictures of cameras are in display order.
      context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY
      context.pointee.err_recognition |= AV_EF_EXPLODE
      return .success
    }
    guard let packet = ffmpeg.av_packet_alloc() else { preconditionFailure("out of memory") }
    self.packet = packet
    self.codec = codec
    self.ffmpeg = ffmpeg
    unpacker = PixelUnpacker(ffmpeg: ffmpeg)
  }

  /// Makes a decoder for a format of compressed video; returns nil for other formats.
  ///
  /// - Throws: `CaptureError`.
  convenience init?(for way: PixelFormat.Way, path: String) throws(CaptureError) {
    guard case .video(let codec) = way else { return nil }
    try self.init(codec, path: path)
  }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    ffmpeg.av_packet_free(&packet)
  }

  /// Decodes an access unit.
  ///
  /// - Parameter isContinuous: whether nothing was lost since the previous unit.
  func decode(_ unit: UnsafeRawBufferPointer, isContinuous: Bool) -> FrameUnpacker.Outcome {
    hasReference = hasReference && isContinuous || codec.canBegin(with: unit)
    guard hasReference else { return .incomplete(reason: "there is no key frame of \(codec.name)") }
    let outcome = self.outcome(of: unit)
    if case .damaged = outcome { hasReference = false }
    return outcome
  }

  private func outcome(of unit: UnsafeRawBufferPointer) -> FrameUnpacker.Outcome {
    // An empty packet would tell the decoder that the stream has ended.
    guard !unit.isEmpty, send(unit) else { return .damaged(reason: "it is not \(codec.name)") }
    var outcome = FrameUnpacker.Outcome.incomplete(reason: "\(codec.name) without a frame")
    while true {
      switch decoder.receive() {
      case .frame:
        let frame = decoder.frame
        size = PictureSize(width: Int(frame.pointee.width), height: Int(frame.pointee.height))
        let isWhole = frame.pointee.decode_error_flags == 0 && frame.pointee.flags & AV_FRAME_FLAG_CORRUPT == 0
        outcome = isWhole ? .picture : damage
      case .corrupt: outcome = damage
      case .needsPacket, .end: return outcome
      }
    }
  }

  private var damage: FrameUnpacker.Outcome { .damaged(reason: "part of a frame of \(codec.name) is lost") }

  /// Lends the picture of the last access unit; returns nil if its pixel format cannot be converted.
  func withFrame<R>(
    captureTime: NIODeadline, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R? {
    try unpacker.withFrame(decoder.frame, captureTime: captureTime, body)
  }

  /// Passes an access unit to the decoder, which copies and pads data that is not reference-counted
  /// (avcodec_send_packet).
  private func send(_ unit: UnsafeRawBufferPointer) -> Bool {
    packet.pointee.data = UnsafeMutablePointer(mutating: unit.bindMemory(to: UInt8.self).baseAddress)
    packet.pointee.size = Int32(clamping: unit.count)
    defer { (packet.pointee.data, packet.pointee.size) = (nil, 0) }
    return decoder.send(packet)
  }
}

extension VideoCodec {
  fileprivate var id: AVCodecID {
    switch self {
    case .h264: AV_CODEC_ID_H264
    case .h265: AV_CODEC_ID_HEVC
    }
  }
}
