import NIOCore

/// The thread that empties a pipe. It ends with its input; a blocked read is not interrupted, since standard input is
/// opened once and ends with the program.
final class PipeReader: ThreadBody {
  /// Memory for one picture. It is unchecked because only the holder of the value uses the memory.
  struct Memory: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
  }

  private let input: InputFile
  private let latest: LatestPicture<Memory>
  /// The bytes of the first raw picture that were read to detect the format; `nil` for YUV4MPEG2.
  private let beginning: [UInt8]?

  init(_ input: consuming InputFile, into latest: LatestPicture<Memory>, beginning: [UInt8]?) {
    self.input = input
    self.latest = latest
    self.beginning = beginning
  }

  func run() {
    var memory = latest.borrow()
    var isFirst = true
    while beginning != nil || input.passFrameHeader() {
      var rest = memory.bytes
      if isFirst, let beginning {
        let known = min(beginning.count, rest.count)
        rest.copyBytes(from: beginning.prefix(known))
        rest = UnsafeMutableRawBufferPointer(rebasing: rest[known...])
      }
      isFirst = false
      guard input.read(into: rest) else { break }
      latest.put(memory, time: .now())
      memory = latest.borrow()
    }
    latest.finish(memory)
  }
}
