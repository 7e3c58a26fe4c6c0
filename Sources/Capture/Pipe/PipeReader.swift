import Glibc
import NIOCore

/// The thread that empties the pipe. It ends with its input: a read that waits is not worth a way to interrupt it, since
/// standard input is there once and ends with the program.
final class PipeReader {
  private let input: InputFile
  private let latest: LatestPicture
  /// Bytes of the first raw picture that were read to see what it is; `nil` for YUV4MPEG2.
  private let beginning: [UInt8]?

  init(_ input: consuming InputFile, into latest: LatestPicture, beginning: [UInt8]?) {
    self.input = input
    self.latest = latest
    self.beginning = beginning
  }

  func start() {
    let reader = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<PipeReader>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, reader.toOpaque())
    precondition(status == 0, "a thread can be made")
    pthread_detach(thread)
  }

  private func run() {
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
