import NIOCore

/// The thread that empties the pipe. It ends with its input: a read that waits is not worth a way to interrupt it, since
/// standard input is there once and ends with the program.
final class PipeReader: ThreadBody {
  /// Memory for one picture. Unchecked: whoever holds the value, and nobody else, uses the memory.
  struct Memory: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
  }

  private let input: InputFile
  private let latest: LatestPicture<Memory>
  /// Bytes of the first raw picture that were read to see what it is; `nil` for YUV4MPEG2.
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
