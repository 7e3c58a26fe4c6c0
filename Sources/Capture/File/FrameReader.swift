import CFFmpeg
import NIOCore
import Video

/// Reads the decoded frames of one stream in order.
///
/// ``open`` decodes the first frame, so that a stream that cannot be played is found before anybody is called.
struct FrameReader: ~Copyable {
  private let ffmpeg: FFmpeg
  private var demuxer: Demuxer
  private var decoder: FrameDecoder
  /// Whether the frame that `open` decoded is still to be returned.
  private var isFirst = true
  private var isDraining = false
  /// The status that ended the reading.
  private var lastStatus = AVStatus.endOfFile
  private var failuresInSequence = 0
  /// The number of damaged frames since the start.
  private(set) var framesCorrupt = 0

  /// The limit for errors of a decoder that is being drained, which might otherwise never end.
  private static let mostFailures = 1_000
  /// The limit for the search for the first key frame of a film that begins between two of them.
  private static let mostPacketsBeforeFirst = 2_000

  static func open(
    _ input: MediaInput, threads: Int, deadline: InputDeadline, ffmpeg: FFmpeg
  ) throws(CaptureError) -> FrameReader {
    let path = input.name
    let demuxer = try Demuxer(input, deadline: deadline, ffmpeg: ffmpeg)
    let (width, height) = (Int(demuxer.parameters.pointee.width), Int(demuxer.parameters.pointee.height))
    guard DisplayGeometry.isPlayable(width: width, height: height) else {
      throw .unsupported(path: path, reason: "\(width)x\(height) is too large")
    }
    let decoder = try FrameDecoder(for: demuxer, path: path, threads: threads, ffmpeg: ffmpeg)
    var reader = FrameReader(ffmpeg: ffmpeg, demuxer: demuxer, decoder: decoder)
    guard try reader.decodeFirst(path: path) else {
      if case .network = input, ![.endOfFile, .invalidData].contains(reader.lastStatus) {
        throw .unreachable(address: path, reason: reader.ending)
      }
      if case .file(let path) = input, TransportStream.isScrambled(path: path) { throw .encrypted(path: path) }
      throw .unsupported(path: path, reason: "none of its pictures can be decoded")
    }
    return reader
  }

  init(ffmpeg: FFmpeg, demuxer: consuming Demuxer, decoder: consuming FrameDecoder) {
    self.ffmpeg = ffmpeg
    self.demuxer = demuxer
    self.decoder = decoder
  }

  var frame: UnsafeMutablePointer<AVFrame> { decoder.frame }
  /// The frame before the current one; empty if there was none.
  var previous: UnsafeMutablePointer<AVFrame> { decoder.previous }
  var orientation: Orientation { demuxer.orientation }
  var mediumDuration: TimeAmount? { demuxer.duration }
  var pictureStart: TimeAmount? { demuxer.pictureStart }

  var isLive: Bool { demuxer.isLive }
  var isSegmented: Bool { demuxer.isSegmented }

  /// The reason why the stream ended, for the user.
  var ending: String {
    switch lastStatus {
    case .endOfFile: "the other side ended it"
    case .exit: "no picture came for \(InputDeadline.patience.nanoseconds / 1_000_000_000) s"
    default: ffmpeg.text(of: lastStatus)
    }
  }

  /// Whether a playlist has stated that nothing follows (EXT-X-ENDLIST, RFC 8216 section 4.3.3.4).
  var isComplete: Bool { isSegmented && lastStatus == .endOfFile }

  var frameRate: FrameRate {
    let claimed = demuxer.frameRate
    return FrameRate(claimed: claimed.num, per: claimed.den)
  }

  /// The presentation time of the current frame in nanoseconds, or `nil` if the stream does not state it.
  var timestamp: Int64? { nanoseconds(frame.pointee.best_effort_timestamp) }
  var duration: Int64? { nanoseconds(cffmpeg_duration(frame)) }

  private func nanoseconds(_ value: Int64) -> Int64? {
    guard value != cffmpeg_no_timestamp else { return nil }
    return ffmpeg.av_rescale_q(value, demuxer.timeBase, AVRational(num: 1, den: 1_000_000_000))
  }

  /// Decodes the next frame into ``frame``.
  ///
  /// - Parameter onDamage: called with ``framesCorrupt`` whenever it has grown, since the next frame may take long.
  /// - Returns: false at the end.
  mutating func next(onDamage: (Int) -> Void = { _ in }) -> Bool {
    if isFirst {
      isFirst = false
      return true
    }
    demuxer.beginWait()
    while true {
      let known = framesCorrupt
      if let isFrame = step(feeding: { $0.feed() }) { return isFrame }
      if framesCorrupt > known { onDamage(framesCorrupt) }
    }
  }

  /// Seeks to the first frame.
  ///
  /// - Returns: false if the format or the file cannot seek.
  mutating func rewind() -> Bool {
    guard demuxer.rewind() else { return false }
    decoder.flush()
    isFirst = false
    isDraining = false
    failuresInSequence = 0
    return true
  }

  /// - Returns: false if nothing can be decoded.
  mutating func decodeFirst(path: String) throws(CaptureError) -> Bool {
    var packets = 0
    var isEncrypted = false
    while packets < Self.mostPacketsBeforeFirst {
      let isFrame = step { reader in
        packets += 1
        reader.feed()
        isEncrypted = reader.demuxer.isPacketEncrypted
      }
      guard !isEncrypted else { throw .encrypted(path: path) }
      if let isFrame { return isFrame }
    }
    return false
  }

  /// - Returns: whether there is a frame, or `nil` if more packets are needed to know.
  private mutating func step(feeding feed: (inout FrameReader) -> Void) -> Bool? {
    switch decoder.receive() {
    case .frame:
      failuresInSequence = 0
      frame.pointee.sample_aspect_ratio = demuxer.sampleAspectRatio(of: frame)
      return true
    case .needsPacket:
      feed(&self)
    case .corrupt:
      framesCorrupt += 1
      failuresInSequence += 1
      if isDraining, failuresInSequence > Self.mostFailures { return false }
    case .end:
      return false
    }
    return nil
  }

  private mutating func feed() {
    // After a read error, too, the frames read before are shown.
    let status = demuxer.read()
    guard status.isSuccess else {
      lastStatus = status
      isDraining = true
      _ = decoder.send(nil)
      return
    }
    if demuxer.isPacketEncrypted || !decoder.send(demuxer.packet) { framesCorrupt += 1 }
  }
}
