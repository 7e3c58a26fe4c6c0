import CFFmpeg

extension FrameReader {
  /// Opens a sound track of a file and decodes its first frame.
  ///
  /// - Parameter track: the number of the track, from 1; nil: the best.
  /// - Returns: nil if the file has no sound.
  static func sound(of path: String, track: Int?, ffmpeg: FFmpeg) throws(CaptureError) -> FrameReader? {
    guard let demuxer = try Demuxer.sound(of: path, track: track, deadline: InputDeadline(), ffmpeg: ffmpeg) else {
      return nil
    }
    let decoder = try FrameDecoder(for: demuxer, path: path, threads: 1, ffmpeg: ffmpeg)
    var reader = FrameReader(ffmpeg: ffmpeg, demuxer: demuxer, decoder: decoder)
    guard try reader.decodeFirst(path: path) else {
      throw .unsupported(path: path, reason: "none of its sound can be decoded")
    }
    return reader
  }
}
