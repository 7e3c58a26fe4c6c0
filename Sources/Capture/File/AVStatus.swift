import CFFmpeg

/// What FFmpeg's functions answer: 0 or more is success, below that an errno or a tag.
struct AVStatus: Equatable {
  let code: Int32

  static let success = AVStatus(code: 0)
  static let again = AVStatus(code: -EAGAIN)
  static let inputOutput = AVStatus(code: -EIO)
  static let invalidData = AVStatus(code: cffmpeg_error_invalid_data)
  /// A callback wanted it so.
  static let exit = AVStatus(code: cffmpeg_error_exit)
  static let endOfFile = AVStatus(code: cffmpeg_error_eof)

  init(code: Int32) {
    self.code = code
  }

  var isSuccess: Bool { code >= 0 }

  /// The file is not there, or is not ours to read; anything else is about its content.
  var isAboutTheFile: Bool {
    [ENOENT, EACCES, EPERM, EISDIR, ENOTDIR, ELOOP, ENAMETOOLONG, EIO].contains(-code)
  }
}
