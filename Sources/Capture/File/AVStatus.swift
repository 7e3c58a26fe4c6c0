import CFFmpeg

/// A result code of FFmpeg: zero or more is success, and a negative value is a negated errno or an FFmpeg error tag.
struct AVStatus: Equatable {
  let code: Int32

  static let success = AVStatus(code: 0)
  static let again = AVStatus(code: -EAGAIN)
  /// FFmpeg reports a format that is not on the whitelist by this code, and a malformed address.
  static let invalidArgument = AVStatus(code: -EINVAL)
  static let inputOutput = AVStatus(code: -EIO)
  static let invalidData = AVStatus(code: cffmpeg_error_invalid_data)
  /// An interrupt callback ended the call.
  static let exit = AVStatus(code: cffmpeg_error_exit)
  static let endOfFile = AVStatus(code: cffmpeg_error_eof)

  init(code: Int32) {
    self.code = code
  }

  var isSuccess: Bool { code >= 0 }

  /// Whether the file is missing or unreadable. Every other error is about its content.
  var isAboutTheFile: Bool {
    [ENOENT, EACCES, EPERM, EISDIR, ENOTDIR, ELOOP, ENAMETOOLONG, EIO].contains(-code)
  }
}
