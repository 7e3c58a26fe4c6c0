import COpenSSL

/// Key material that is overwritten before its memory is freed.
final class SecretBytes {
  private let storage: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    storage = .allocate(byteCount: byteCount, alignment: 16)
    storage.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit {
    OPENSSL_cleanse(storage.baseAddress, storage.count)
    storage.deallocate()
  }

  var count: Int { storage.count }

  func withUnsafeMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    body(storage)
  }
}
