import Glibc
import NIOCore
import Video

extension PipeSource {
  /// Waits for the first bytes and detects the format: YUV4MPEG2, coded video for FFmpeg, or raw pictures.
  ///
  /// - Parameters:
  ///   - path: the path of a named pipe, or `nil` for standard input.
  ///   - onPause: called with a message if nobody writes into the pipe yet. If it is `nil`, a writer is awaited no
  ///     longer than a server, and may pause no longer before the first picture.
  package static func open(
    path: String? = nil, options: Options = Options(), onPause: (@Sendable (String) -> Void)? = nil
  ) throws(CaptureError) -> any VideoSource {
    let descriptor = if let path { try openNamed(path) } else { try checkedStandardInput() }
    let name = path ?? "standard input"
    var input = InputFile(descriptor: descriptor)
    let tell = onPause.map { tell in { tell("waiting for a program to write video to \(name)") } }
    guard input.awaitInput(onPause: tell) else {
      let reason = "no program writes video to it"
      throw path.map { .noSuchFile(path: $0, reason: reason) } ?? .invalidInput(reason)
    }
    if onPause == nil { input.deadline = .now() + InputDeadline.patience }
    return try open(input, name: name, options)
  }

  /// Whether `source` is standard input or a named pipe.
  package static func isPipe(_ source: String) -> Bool {
    source == name || isNamedPipe(source)
  }

  /// Whether `path` is a named pipe.
  static func isNamedPipe(_ path: String) -> Bool {
    var status = stat()
    return stat(FileName.bytes(of: path), &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// Opens a named pipe without waiting for a writer.
  private static func openNamed(_ path: String) throws(CaptureError) -> Int32 {
    let descriptor = Glibc.open(FileName.bytes(of: path), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .noSuchFile(path: path, reason: String(cString: strerror(errno))) }
    _ = fcntl(descriptor, F_SETFL, 0)
    return descriptor
  }

  private static func checkedStandardInput() throws(CaptureError) -> Int32 {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0 else { throw .invalidInput("it is closed") }
    guard isatty(STDIN_FILENO) == 0 else { throw .invalidInput("it is a terminal; pipe video into it") }
    guard status.st_mode & S_IFMT != S_IFREG else { throw .invalidInput("it is a file; give its name as SOURCE") }
    // The number of a closed descriptor is given to the next one that is opened, which the next viewer would be shown.
    return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
  }

  static func open(
    _ input: consuming InputFile, name: String, _ options: Options
  ) throws(CaptureError) -> any VideoSource {
    let beginning = withUnsafeTemporaryAllocation(byteCount: PipedFormat.length, alignment: 1) { bytes in
      input.read(into: bytes) ? [UInt8](bytes) : nil
    }
    guard let beginning else { throw .invalidInput("it ended before the first picture") }
    var input = input
    switch PipedFormat(beginning: beginning) {
    case .raw:
      input.deadline = nil
      return PipeSource(input, try rawHeader(options), beginning: beginning, options)
    case .coded: return try openCoded(input, name: name, beginning: beginning, options)
    case .y4m:
      let line: [UInt8]
      let header: Y4MHeader
      do throws(Y4MError) {
        line = try Y4MHeader.line(behindMagicOf: input)
        header = try Y4MHeader(parsing: Substring(decoding: line, as: UTF8.self))
      } catch {
        throw .invalidInput(error.description)
      }
      guard DisplayGeometry.isPlayable(width: header.width, height: header.height) else {
        throw .invalidInput("\(header.width)x\(header.height) is too large")
      }
      guard !header.isPlain else {
        input.deadline = nil
        return PipeSource(input, header, beginning: nil, options)
      }
      return try openCoded(input, name: name, beginning: beginning + line + [UInt8(ascii: "\n")], options)
    }
  }

  private static func openCoded(
    _ input: consuming InputFile, name: String, beginning: [UInt8], _ options: Options
  ) throws(CaptureError) -> any VideoSource {
    try LiveSource.open(
      input, name: name, beginning: beginning,
      options: .init(size: options.size, maximumFrameRate: options.frameRate, orientation: options.orientation))
  }

  private static func rawHeader(_ options: Options) throws(CaptureError) -> Y4MHeader {
    guard let size = options.size, let rate = options.frameRate else {
      throw .invalidInput(
        "it is neither Y4M nor coded video (H.264, JPEG …); if it is raw frames, give their --size and "
          + "--fps")
    }
    if let stride = options.stride, stride < size.width {
      throw .invalidInput("--stride \(stride) is less than the width of \(size.width)")
    }
    return Y4MHeader(width: size.width, height: size.height, frameRate: rate, stride: options.stride)
  }
}
