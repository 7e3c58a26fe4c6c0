import CFFmpeg
import NIOCore

extension Demuxer {
  /// Opens a file for the sake of its sound.
  ///
  /// - Parameter track: the number of the track, from 1; nil: the best.
  /// - Returns: nil if the file has no sound.
  static func sound(
    of path: String, track: Int?, deadline: InputDeadline, ffmpeg: FFmpeg
  ) throws(CaptureError) -> Demuxer? {
    let input = MediaInput.file(path: path)
    let context = try open(input, deadline, ffmpeg)
    do throws(CaptureError) {
      if let choice = try chooseSound(of: context, input, track, ffmpeg) {
        return Demuxer(choice, of: context, input, deadline: deadline, ffmpeg: ffmpeg)
      }
    } catch {
      close(context, ffmpeg)
      throw error
    }
    close(context, ffmpeg)
    return nil
  }

  private static func chooseSound(
    of context: UnsafeMutablePointer<AVFormatContext>, _ input: MediaInput, _ track: Int?, _ ffmpeg: FFmpeg
  ) throws(CaptureError) -> Choice? {
    let path = input.name
    let probing = AVStatus(code: ffmpeg.avformat_find_stream_info(context, nil))
    guard probing.isSuccess else { throw failure(probing, input, ffmpeg) }
    let tracks = (0..<Int32(context.pointee.nb_streams)).filter {
      context.pointee.streams[Int($0)]?.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
    }
    var wanted: Int32 = -1
    if let track {
      guard track > 0, track <= tracks.count else {
        throw .noSuchTrack(path: path, track: track, count: tracks.count)
      }
      wanted = tracks[track - 1]
    }
    guard !tracks.isEmpty else { return nil }
    // Of several programs in a transport stream, the sound is that of the one whose pictures are shown.
    let picture = ffmpeg.av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
    var decoder: UnsafePointer<AVCodec>?
    let index = ffmpeg.av_find_best_stream(context, AVMEDIA_TYPE_AUDIO, wanted, picture, &decoder, 0)
    if let stream = context.pointee.streams[Int(index >= 0 ? index : max(wanted, tracks[0]))],
      isEncrypted(stream, ffmpeg)
    {
      throw .encrypted(path: path)
    }
    guard index >= 0, let stream = context.pointee.streams[Int(index)], let decoder else {
      throw .unsupported(path: path, reason: "no decoder for its sound")
    }
    return (stream, decoder)
  }

  /// The presentation time of the first picture, as far as it is known without decoding; nil if there is none.
  var pictureStart: TimeAmount? {
    var decoder: UnsafePointer<AVCodec>?
    let index = ffmpeg.av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0)
    guard index >= 0, let stream = context.pointee.streams[Int(index)],
      stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0,
      stream.pointee.start_time != cffmpeg_no_timestamp
    else { return nil }
    let nanosecond = AVRational(num: 1, den: 1_000_000_000)
    return .nanoseconds(ffmpeg.av_rescale_q(stream.pointee.start_time, stream.pointee.time_base, nanosecond))
  }

  /// The duration of the whole file, or nil if it does not state it.
  var duration: TimeAmount? {
    // It is in microseconds, and "no timestamp" is below zero.
    let (nanoseconds, isTooLong) = context.pointee.duration.multipliedReportingOverflow(by: 1_000)
    return context.pointee.duration > 0 && !isTooLong ? .nanoseconds(nanoseconds) : nil
  }
}
