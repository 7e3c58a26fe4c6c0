import CFFmpeg
import NIOCore
import Video

/// An open media file or stream, and one stream in it (libavformat): its best video, or one of its sound tracks.
struct Demuxer: ~Copyable {
  let ffmpeg: FFmpeg
  let context: UnsafeMutablePointer<AVFormatContext>
  private let stream: UnsafeMutablePointer<AVStream>
  /// FFmpeg holds unretained pointers to both, so that they must live as long as `context`.
  private let input: MediaInput
  private let deadline: InputDeadline
  /// The packet that `read` filled last.
  let packet: UnsafeMutablePointer<AVPacket>
  /// The decoder that FFmpeg recommends for the stream.
  let decoder: UnsafePointer<AVCodec>

  /// Reads as much of the input as is needed to find out which streams it has.
  init(_ input: MediaInput, deadline: InputDeadline, ffmpeg: FFmpeg) throws(CaptureError) {
    let context = try Self.open(input, deadline, ffmpeg)
    do throws(CaptureError) {
      let chosen = try Self.chooseStream(of: context, input, ffmpeg)
      self.init(chosen, of: context, input, deadline: deadline, ffmpeg: ffmpeg)
    } catch {
      Self.close(context, ffmpeg)
      throw error
    }
  }

  typealias Choice = (stream: UnsafeMutablePointer<AVStream>, decoder: UnsafePointer<AVCodec>)

  /// Takes over `context`, which ``open`` returned for the same `input` and `deadline`.
  init(
    _ choice: Choice, of context: UnsafeMutablePointer<AVFormatContext>, _ input: MediaInput, deadline: InputDeadline,
    ffmpeg: FFmpeg
  ) {
    for index in 0..<Int(context.pointee.nb_streams) where index != Int(choice.stream.pointee.index) {
      context.pointee.streams[index]?.pointee.discard = AVDISCARD_ALL
    }
    (stream, decoder) = choice
    guard let packet = ffmpeg.av_packet_alloc() else { preconditionFailure("out of memory") }
    self.packet = packet
    self.context = context
    self.input = input
    self.deadline = deadline
    self.ffmpeg = ffmpeg
  }

  deinit {
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    ffmpeg.av_packet_free(&packet)
    Self.close(context, ffmpeg)
  }

  /// Whether the input has no known end and cannot be read again from its beginning.
  var isLive: Bool {
    guard context.pointee.duration <= 0 else { return false }
    return isSegmented || context.pointee.pb == nil || ffmpeg.avio_size(context.pointee.pb) <= 0
  }

  /// Whether the input is a playlist whose segments arrive whole, several seconds at a time.
  var isSegmented: Bool {
    String(cString: context.pointee.iformat.pointee.name) == "hls"
  }

  var parameters: UnsafeMutablePointer<AVCodecParameters> { stream.pointee.codecpar }
  var timeBase: AVRational { stream.pointee.time_base }

  /// The ratio of a sample's width to its height in `frame`, or zero if it is unknown.
  func sampleAspectRatio(of frame: UnsafeMutablePointer<AVFrame>) -> AVRational {
    ffmpeg.av_guess_sample_aspect_ratio(context, stream, frame)
  }

  /// In frames per second, or zero if the file does not state it.
  var frameRate: AVRational {
    ffmpeg.av_guess_frame_rate(context, stream, nil)
  }

  /// The orientation that the display matrix states (ISO/IEC 14496-12 section 8.3.2). Phones write the matrix instead of
  /// rotating the picture.
  var orientation: Orientation {
    guard let matrix = Self.sideData(of: stream, AV_PKT_DATA_DISPLAYMATRIX, atLeast: 36, ffmpeg) else {
      return .upright
    }
    func entry(_ index: Int) -> Int32 { matrix.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self) }
    return Orientation(xx: entry(0), xy: entry(1), yx: entry(3), yy: entry(4))
  }

  /// Restarts the time limit for the next picture. Packets of other streams, such as sound, do not extend it.
  func beginWait() {
    if case .network = input { deadline.extend() }
  }

  /// Fills ``packet`` with the next packet of the stream.
  func read() -> AVStatus {
    while true {
      ffmpeg.av_packet_unref(packet)
      let status = AVStatus(code: ffmpeg.av_read_frame(context, packet))
      if status == .again { continue }
      guard status.isSuccess, packet.pointee.stream_index != stream.pointee.index else { return status }
    }
  }

  /// Seeks to the first frame.
  ///
  /// - Returns: false if the format or the file cannot seek.
  func rewind() -> Bool {
    let start = stream.pointee.start_time == cffmpeg_no_timestamp ? 0 : stream.pointee.start_time
    return ffmpeg.avformat_seek_file(context, stream.pointee.index, .min, start, start, AVSEEK_FLAG_BACKWARD) >= 0
  }

  static func open(
    _ input: MediaInput, _ deadline: InputDeadline, _ ffmpeg: FFmpeg
  ) throws(CaptureError) -> UnsafeMutablePointer<AVFormatContext> {
    var context = ffmpeg.avformat_alloc_context()
    guard let allocated = context else { preconditionFailure("out of memory") }
    allocated.pointee.interrupt_callback = AVIOInterruptCB(
      callback: InputDeadline.callback, opaque: Unmanaged.passUnretained(deadline).toOpaque())
    if case .pipe(let pipe) = input { allocated.pointee.pb = pipe.context }
    if case .network = input {
      deadline.extend()
      allocated.pointee.io_open = VerifiedOpening.callback
    }
    var options: OpaquePointer?
    for option in input.options { _ = ffmpeg.av_dict_set(&options, option.name, option.value, 0) }
    defer { ffmpeg.av_dict_free(&options) }
    // On failure the function frees the context itself.
    let status = AVStatus(code: ffmpeg.avformat_open_input(&context, input.url, nil, &options))
    guard status.isSuccess, let context else { throw failure(status, input, ffmpeg) }
    return context
  }

  static func failure(_ status: AVStatus, _ input: MediaInput, _ ffmpeg: FFmpeg) -> CaptureError {
    let reason = status == .exit ? "it does not answer" : ffmpeg.text(of: status)
    switch input {
    case .network(let address) where status == .inputOutput && address.isHTTPS:
      // FFmpeg reports a rejected certificate by no other code.
      return .unreachable(
        address: input.name, reason: "this computer does not trust its certificate, or the connection broke")
    case .network where status == .invalidArgument:
      return .unsupported(
        path: input.name, reason: "its format is not supported from the network, or its address is not valid")
    case .network where status != .invalidData: return .unreachable(address: input.name, reason: reason)
    case .file(let path):
      if let picture = StillPicture(path: path) { return .notVideo(path: path, reason: picture.description) }
      if status.isAboutTheFile { return .noSuchFile(path: path, reason: reason) }
    default: break
    }
    return .notVideo(path: input.name, reason: reason)
  }

  static func close(_ context: UnsafeMutablePointer<AVFormatContext>, _ ffmpeg: FFmpeg) {
    var context: UnsafeMutablePointer<AVFormatContext>? = context
    ffmpeg.avformat_close_input(&context)
  }

  private static func chooseStream(
    of context: UnsafeMutablePointer<AVFormatContext>, _ input: MediaInput, _ ffmpeg: FFmpeg
  ) throws(CaptureError) -> Choice {
    let path = input.name
    let format = String(cString: context.pointee.iformat.pointee.name)
    // FFmpeg plays text as ANSI art, and pictures as films of one frame.
    guard format != "tty" else { throw .notVideo(path: path, reason: "it is text") }
    // A sequence of JPEG pictures in a pipe is video.
    let isPipe = if case .pipe = input { format == "jpeg_pipe" } else { false }
    guard format != "image2", format != "ico", !format.hasSuffix("_pipe") || isPipe else {
      throw .notVideo(path: path, reason: (StillPicture(path: path) ?? .plain).description)
    }
    let probing = AVStatus(code: ffmpeg.avformat_find_stream_info(context, nil))
    guard probing.isSuccess else { throw failure(probing, input, ffmpeg) }
    var decoder: UnsafePointer<AVCodec>?
    let index = ffmpeg.av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0)
    guard index >= 0, let stream = context.pointee.streams[Int(index)],
      stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    else {
      let undecodable = ffmpeg.av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
      if index < 0, undecodable >= 0 {
        let isEncrypted = context.pointee.streams[Int(undecodable)].map { Self.isEncrypted($0, ffmpeg) }
        throw isEncrypted == true
          ? .encrypted(path: path) : .unsupported(path: path, reason: "no decoder for its video")
      }
      throw .notVideo(path: path, reason: "it has no video stream")
    }
    guard !isEncrypted(stream, ffmpeg) else { throw .encrypted(path: path) }
    guard let decoder else { throw .unsupported(path: path, reason: "no decoder for its video") }
    return (stream, Self.decoderOfAlpha(stream, ffmpeg) ?? decoder)
  }

  /// FFmpeg's native decoders of VP8 and VP9 ignore the alpha channel of a WebM file; those of libvpx decode it.
  private static func decoderOfAlpha(
    _ stream: UnsafeMutablePointer<AVStream>, _ ffmpeg: FFmpeg
  ) -> UnsafePointer<AVCodec>? {
    guard let mode = ffmpeg.av_dict_get(stream.pointee.metadata, "alpha_mode", nil, 0),
      String(cString: mode.pointee.value) == "1"
    else { return nil }
    switch stream.pointee.codecpar.pointee.codec_id {
    case AV_CODEC_ID_VP8: return ffmpeg.avcodec_find_decoder_by_name("libvpx")
    case AV_CODEC_ID_VP9: return ffmpeg.avcodec_find_decoder_by_name("libvpx-vp9")
    default: return nil
    }
  }

  private static func sideData(
    of stream: UnsafeMutablePointer<AVStream>, _ type: AVPacketSideDataType, atLeast size: Int, _ ffmpeg: FFmpeg
  ) -> UnsafeRawPointer? {
    withUnsafePointer(to: ffmpeg) { cffmpeg_stream_side_data($0, stream, type, size) }
  }

  // MARK: Encryption

  /// The types of encrypted sample entries of Common Encryption (ISO/IEC 23001-7) and of Apple.
  private static let encryptedEntries = ["encv", "enca", "drmi", "drms"]

  static func isEncrypted(_ stream: UnsafeMutablePointer<AVStream>, _ ffmpeg: FFmpeg) -> Bool {
    let tag = withUnsafeBytes(of: stream.pointee.codecpar.pointee.codec_tag.littleEndian) {
      String(decoding: $0, as: UTF8.self)
    }
    return encryptedEntries.contains(tag)
      || sideData(of: stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, atLeast: 1, ffmpeg) != nil
  }

  /// Whether the current packet is encrypted: a file may mix encrypted and clear samples.
  var isPacketEncrypted: Bool {
    ffmpeg.av_packet_get_side_data(packet, AV_PKT_DATA_ENCRYPTION_INFO, nil) != nil
  }
}

extension Orientation {
  /// The nearest rotation by a multiple of 90 degrees to a display matrix: `xx` and `yx` are the shares of the stored x
  /// and y in the displayed x, and `xy` and `yy` those in the displayed y, which points downwards.
  init(xx: Int32, xy: Int32, yx: Int32, yy: Int32) {
    let swaps = xy.magnitude > xx.magnitude
    switch (swaps, (swaps ? xy : xx) < 0, (swaps ? yx : yy) < 0) {
    case (false, false, false): self.init()
    case (false, true, true): self.init(turn: .half)
    case (false, true, false): self.init(isMirrored: true)
    case (false, false, true): self.init(isMirrored: true, turn: .half)
    case (true, false, true): self.init(turn: .quarter)
    case (true, true, false): self.init(turn: .threeQuarters)
    case (true, true, true): self.init(isMirrored: true, turn: .quarter)
    case (true, false, false): self.init(isMirrored: true, turn: .threeQuarters)
    }
  }
}
