import Glibc

/// Whole writes to standard output and error, without the C library's shared buffers.
package enum StandardStream {
  /// One write a text, so that lines of a pipe's other writers cannot cut it; a reader that is gone is no fault of ours.
  package static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let base = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, base, rest.count)
        guard count > 0 || (count < 0 && errno == EINTR) else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(0, count)))
      }
    }
  }

  package static func error(_ line: String) {
    write(line + "\n", to: STDERR_FILENO)
  }
}
