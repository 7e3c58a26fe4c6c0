import NIOCore
import Video

extension FuzzTarget {
  /// A picture of a Motion JPEG camera, of the size that it announced or another.
  static let jpeg = FuzzTarget("jpeg", seeds: seeds) { bytes in
    var decoder = JPEGDecoder(largestArea: 4 * side * side)
    var picture = PictureBuffer(width: side, height: side)
    // Exactly as long as it is: a decoder that reads on is seen.
    let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.readableBytes, alignment: 1)
    defer { exact.deallocate() }
    exact.copyBytes(from: bytes.readableBytesView)
    // A picture after a damaged one is decoded by the same decoder.
    for _ in 0..<2 { try? decoder.decode(UnsafeRawBufferPointer(exact), into: &picture) }
  }

  private static let side = 32

  private static func seeds() -> [[UInt8]] {
    let picture = PictureBuffer(width: side, height: side)
    let whole = picture.withFrame(captureTime: .fuzzStart, colourSpace: .jpeg) { JPEGEncoder().encode($0).octets }
    return [whole, Array(whole.prefix(whole.count / 2))]
  }
}
