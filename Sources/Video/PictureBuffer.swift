import NIOCore

/// Memory for one I420 picture, to draw or convert into, which can be read as a `VideoFrame`.
package struct PictureBuffer: ~Copyable {
  package let width: Int
  package let height: Int
  package let luma: UnsafeMutableBufferPointer<UInt8>
  package let u: UnsafeMutableBufferPointer<UInt8>
  package let v: UnsafeMutableBufferPointer<UInt8>
  private let memory: UnsafeMutableRawBufferPointer

  /// Rows begin on a cache line, at which the vector code of libyuv and libvpx is fastest.
  private static let alignment = 64

  /// Makes a black picture.
  package init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a picture has an area")
    self.width = width
    self.height = height
    let lumaStride = Self.aligned(width)
    let chromaStride = Self.aligned((width + 1) / 2)
    let lumaSize = lumaStride * height
    let chromaSize = chromaStride * ((height + 1) / 2)
    memory = .allocate(byteCount: lumaSize + 2 * chromaSize, alignment: Self.alignment)
    let bytes = memory.bindMemory(to: UInt8.self)
    luma = .init(rebasing: bytes[..<lumaSize])
    u = .init(rebasing: bytes[lumaSize..<lumaSize + chromaSize])
    v = .init(rebasing: bytes[(lumaSize + chromaSize)...])
    luma.initialize(repeating: 16)
    u.initialize(repeating: 128)
    v.initialize(repeating: 128)
  }

  deinit {
    memory.deallocate()
  }

  package var lumaStride: Int { Self.aligned(width) }
  package var chromaStride: Int { Self.aligned((width + 1) / 2) }

  /// The memory of both chroma planes, to be used as one plane of interleaved samples with twice the stride.
  var interleavedChroma: UnsafeMutableBufferPointer<UInt8> {
    .init(start: u.baseAddress, count: u.count + v.count)
  }

  /// Changes the size; the picture is black then, unless the size is the same.
  package mutating func resize(width: Int, height: Int) {
    guard width != self.width || height != self.height else { return }
    self = PictureBuffer(width: width, height: height)
  }

  package borrowing func withFrame<R>(
    captureTime: NIODeadline, colourSpace: ColourSpace = .vp8, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R {
    try body(frame(captureTime: captureTime, colourSpace: colourSpace))
  }

  /// Returns a view of the buffer, which must not outlive its memory.
  borrowing func frame(
    captureTime: NIODeadline, colourSpace: ColourSpace, isInterleaved: Bool = false
  ) -> VideoFrame {
    func plane(_ samples: UnsafeMutableBufferPointer<UInt8>, _ stride: Int) -> VideoFrame.Plane {
      .init(base: UnsafePointer(samples.baseAddress!), stride: stride)
    }
    return VideoFrame(
      width: width, height: height, luma: plane(luma, lumaStride),
      chroma: isInterleaved
        ? .nv12(plane(interleavedChroma, 2 * chromaStride))
        : .i420(u: plane(u, chromaStride), v: plane(v, chromaStride)),
      colourSpace: colourSpace, captureTime: captureTime)
  }

  private static func aligned(_ width: Int) -> Int {
    (width + alignment - 1) & ~(alignment - 1)
  }
}
