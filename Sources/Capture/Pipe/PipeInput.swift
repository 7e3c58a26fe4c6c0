import CFFmpeg

/// A pipe that FFmpeg reads, including the first bytes that were already read to detect the format.
final class PipeInput {
  let name: String
  let context: UnsafeMutablePointer<AVIOContext>
  private var file: InputFile
  private var beginning: ArraySlice<UInt8>
  private let ffmpeg: FFmpeg

  private static let bufferSize = 32_768

  init(_ file: consuming InputFile, name: String, beginning: [UInt8], ffmpeg: FFmpeg) {
    self.name = name
    self.file = file
    self.beginning = beginning[...]
    self.ffmpeg = ffmpeg
    // FFmpeg may replace the buffer, so `deinit` frees the one in the context.
    let buffer = ffmpeg.av_malloc(Self.bufferSize)?.assumingMemoryBound(to: UInt8.self)
    guard let buffer,
      let context = ffmpeg.avio_alloc_context(buffer, Int32(Self.bufferSize), 0, nil, Self.read, nil, nil)
    else { preconditionFailure("out of memory") }
    self.context = context
    context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    ffmpeg.av_free(context.pointee.buffer)
    var context: UnsafeMutablePointer<AVIOContext>? = context
    ffmpeg.avio_context_free(&context)
  }

  /// The first picture was found: from now on the writer may pause for as long as it likes.
  func allowPauses() {
    file.deadline = nil
  }

  private static let read: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int32) -> Int32 = {
    let input = Unmanaged<PipeInput>.fromOpaque($0!).takeUnretainedValue()
    let count = input.read(into: UnsafeMutableRawBufferPointer(start: $1, count: Int($2)))
    return count > 0 ? Int32(count) : cffmpeg_error_eof
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard !beginning.isEmpty else { return file.readSome(into: buffer) }
    let known = beginning.prefix(buffer.count)
    buffer.copyBytes(from: known)
    beginning = beginning.dropFirst(known.count)
    return known.count
  }
}
