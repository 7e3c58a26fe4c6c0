import CFFmpeg

/// FFmpeg's functions, loaded when the first file needs them; the shim says why. Nothing is linked, so that a call that
/// does not go through here fails to build.
extension FFmpeg {
  /// The result of loading, which stays the same for the life of the program.
  static func load() throws(CaptureError) -> FFmpeg {
    try loaded.get()
  }

  private static let loaded: Result<FFmpeg, CaptureError> = {
    let ffmpeg = UnsafeMutablePointer<FFmpeg>.allocate(capacity: 1)
    defer { ffmpeg.deallocate() }
    if let reason = cffmpeg_load(ffmpeg) {
      return .failure(.missingLibrary(reason: String(cString: reason), packages: packages))
    }
    // Damage in files is counted and reported by us, so FFmpeg must not write to the terminal.
    ffmpeg.pointee.av_log_set_level(AV_LOG_QUIET)
    return .success(ffmpeg.pointee)
  }()

  /// Debian's packages are named after the library and its major version.
  private static let packages = [
    "libavformat\(LIBAVFORMAT_VERSION_MAJOR)", "libavcodec\(LIBAVCODEC_VERSION_MAJOR)",
    "libavutil\(LIBAVUTIL_VERSION_MAJOR)", "libswresample\(LIBSWRESAMPLE_VERSION_MAJOR)",
    "libswscale\(LIBSWSCALE_VERSION_MAJOR)",
  ]

  func text(of status: AVStatus) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      _ = av_strerror(status.code, buffer.baseAddress, buffer.count)
      return String(cString: buffer.baseAddress!)
    }
  }
}
