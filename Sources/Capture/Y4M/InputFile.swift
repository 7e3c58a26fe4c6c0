import Glibc
import NIOCore

/// A file or standard input, read from front to back by plain system calls into the caller's own memory.
///
/// Reading uses `read(2)` only, so that it works for pipes; operations of files only are in an extension.
struct InputFile: ~Copyable {
  private let descriptor: Int32
  /// When a pipe whose writer pauses counts as ended; nil: never.
  var deadline: NIODeadline?

  /// Fails if `path` exists but is not a regular file.
  init?(path: String) throws(CaptureError) {
    // `stat` by name, because opening a pipe or a device has effects of its own.
    var status = stat()
    let name = FileName.bytes(of: path)
    guard stat(name, &status) == 0 else { throw Self.failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    let descriptor = open(name, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path) }
    // Increases the read-ahead; an error is harmless.
    _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    self.descriptor = descriptor
  }

  /// Takes ownership of an open descriptor, such as standard input, which is closed with the value.
  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Fills `buffer`.
  ///
  /// - Returns: false if there are fewer bytes or an error occurs.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Bool {
    var filled = 0
    while filled < buffer.count {
      guard hasInputInTime else { return false }
      let count = Glibc.read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      filled += count
    }
    return true
  }

  /// Reads the available bytes, and waits for at least one.
  ///
  /// - Returns: the number of bytes, which is 0 at the end.
  func readSome(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      guard hasInputInTime else { return 0 }
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      return max(0, count)
    }
  }

  func readByte() -> UInt8? {
    var byte: UInt8 = 0
    return withUnsafeMutableBytes(of: &byte) { read(into: $0) } ? byte : nil
  }

  private static func failure(_ path: String) -> CaptureError {
    .noSuchFile(path: path, reason: String(cString: strerror(errno)))
  }
}

extension InputFile {
  /// Waits for the first byte or the end: as long as it takes if somebody can be told, else up to a limit.
  ///
  /// - Parameter onPause: called once if there is neither within two seconds; `nil` if there is nobody to tell.
  /// - Returns: false if the limit has passed.
  func awaitInput(limit: TimeAmount = InputDeadline.patience, onPause: (() -> Void)?) -> Bool {
    guard let onPause else { return hasInput(within: Int32(limit.nanoseconds / 1_000_000)) }
    if !hasInput(within: 2_000) {
      onPause()
      return hasInput(within: -1)
    }
    return true
  }

  fileprivate var hasInputInTime: Bool {
    guard let deadline else { return true }
    return hasInput(within: Int32(max(0, (deadline - .now()).nanoseconds / 1_000_000)))
  }

  /// - Parameter milliseconds: the longest wait, which has no limit if it is negative (poll(2)).
  private func hasInput(within milliseconds: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let count = Glibc.poll(&poll, 1, milliseconds)
      guard count < 0, errno == EINTR else { return count != 0 }
    }
  }
}

extension InputFile {
  var position: Int { lseek(descriptor, 0, SEEK_CUR) }

  func seek(to position: Int) -> Bool {
    lseek(descriptor, position, SEEK_SET) == position
  }

  /// Skips `count` bytes and reads only the last of them.
  ///
  /// - Returns: false if there are fewer.
  func skip(_ count: Int) -> Bool {
    lseek(descriptor, count - 1, SEEK_CUR) >= 0 && readByte() != nil
  }
}
