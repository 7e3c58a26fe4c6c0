import CFFmpeg
import Video

/// The decoded frames of one stream, one after the other, from its first on.
///
/// The first is decoded by ``open``: what cannot be played, be it for want of a key, is found before anybody is called.
struct FrameReader: ~Copyable {
  private let ffmpeg: FFmpeg
  private var demuxer: Demuxer
  private var decoder: FrameDecoder
  /// The frame that `open` decoded was not yet asked for.
  private var isFirst = true
  private var isDraining = false
  /// What ended the reading.
  private var lastStatus = AVStatus.endOfFile
  private var failuresInSequence = 0
  /// Damaged frames since the start.
  private(set) var framesCorrupt = 0

  /// A decoder that answers nothing but errors while it is being emptied would otherwise never end.
  private static let mostFailures = 1_000
  /// Of a film that begins between two key frames, which are not further apart than this.
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
      throw .unsupported(path: path, reason: "none of its pictures can be decoded")
    }
    return reader
  }

  private init(ffmpeg: FFmpeg, demuxer: consuming Demuxer, decoder: consuming FrameDecoder) {
    self.ffmpeg = ffmpeg
    self.demuxer = demuxer
    self.decoder = decoder
  }

  var frame: UnsafeMutablePointer<AVFrame> { decoder.frame }
  /// The frame before it, empty where there was none.
  var previous: UnsafeMutablePointer<AVFrame> { decoder.previous }
  var orientation: Orientation { demuxer.orientation }

  var isLive: Bool { demuxer.isLive }
  var isSegmented: Bool { demuxer.isSegmented }

  /// Why no more came.
  var ending: String {
    switch lastStatus {
    case .endOfFile: "the other side ended it"
    case .exit: "no picture came for \(InputDeadline.patience.nanoseconds / 1_000_000_000) s"
    default: ffmpeg.text(of: lastStatus)
    }
  }

  /// Whether its maker said that nothing will follow, as a playlist does (RFC 8216 section 4.3.3.4).
  var isComplete: Bool { isSegmented && lastStatus == .endOfFile }

  var frameRate: FrameRate {
    let claimed = demuxer.frameRate
    return FrameRate(claimed: claimed.num, per: claimed.den)
  }

  /// In nanoseconds, of what the stream counts; `nil` where it does not say.
  var timestamp: Int64? { nanoseconds(frame.pointee.best_effort_timestamp) }
  var duration: Int64? { nanoseconds(cffmpeg_duration(frame)) }

  private func nanoseconds(_ value: Int64) -> Int64? {
    guard value != cffmpeg_no_timestamp else { return nil }
    return ffmpeg.av_rescale_q(value, demuxer.timeBase, AVRational(num: 1, den: 1_000_000_000))
  }

  /// Leaves the next frame in ``frame``; false at the end.
  ///
  /// - Parameter onDamage: told of ``framesCorrupt`` when it has grown, since a frame may be long in coming.
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

  /// Back to the first frame; false where the format or the file cannot.
  mutating func rewind() -> Bool {
    guard demuxer.rewind() else { return false }
    decoder.flush()
    isDraining = false
    failuresInSequence = 0
    return true
  }

  private mutating func decodeFirst(path: String) throws(CaptureError) -> Bool {
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

  /// Whether there is a frame, and `nil` where more has to be read to know.
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
    // Whatever ends the reading, be it a disk error or a cut, what came before is still shown.
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
