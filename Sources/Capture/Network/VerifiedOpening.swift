import CFFmpeg

/// Opens every address for FFmpeg, those in playlists included, with verification of certificates.
///
/// FFmpeg passes only some options of a playlist on to its segments and keys, and `tls_verify` is not one of them.
enum VerifiedOpening {
  typealias Callback =
    @convention(c) (
      UnsafeMutablePointer<AVFormatContext>?, UnsafeMutablePointer<UnsafeMutablePointer<AVIOContext>?>?,
      UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32

  static let callback: Callback = { context, input, url, flags, options in
    guard let context, let options, let ffmpeg = try? FFmpeg.load() else { return AVStatus.exit.code }
    _ = ffmpeg.av_dict_set(options, "tls_verify", "1", 0)
    _ = ffmpeg.av_dict_set(options, "protocol_whitelist", context.pointee.protocol_whitelist, 0)
    return ffmpeg.avio_open2(input, url, flags, &context.pointee.interrupt_callback, options)
  }
}
