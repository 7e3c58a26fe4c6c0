import NIOCore

/// One picture in 8-bit 4:2:0. Its planes are lent for the duration of a call by the owner of the memory (a decoder,
/// the buffers of a camera, a scratch buffer). The type is not copyable and is only passed as `borrowing`, so that it
/// cannot be kept.
package struct VideoFrame: ~Copyable {
  /// A plane of samples, with `stride` bytes from one row to the next.
  package struct Plane {
    package let base: UnsafePointer<UInt8>
    package let stride: Int

    package init(base: UnsafePointer<UInt8>, stride: Int) {
      self.base = base
      self.stride = stride
    }
  }

  package enum Chroma {
    /// Two planes of half width and half height.
    case i420(u: Plane, v: Plane)
    /// One plane of half height in which U and V are interleaved.
    case nv12(Plane)
  }

  package let width: Int
  package let height: Int
  package let luma: Plane
  package let chroma: Chroma
  package let colourSpace: ColourSpace
  /// When the picture was taken: by the monotonic clock for cameras, and from the start for files and patterns.
  package let captureTime: NIODeadline

  package init(
    width: Int, height: Int, luma: Plane, chroma: Chroma, colourSpace: ColourSpace = .vp8, captureTime: NIODeadline
  ) {
    precondition(width > 0 && height > 0, "a picture has an area")
    self.width = width
    self.height = height
    self.luma = luma
    self.chroma = chroma
    self.colourSpace = colourSpace
    self.captureTime = captureTime
  }

  /// The number of U or V samples in a row; an odd last column has a sample of its own.
  package var chromaWidth: Int { (width + 1) / 2 }
  package var chromaHeight: Int { (height + 1) / 2 }

  /// Returns a view of the upper left part of this size.
  package borrowing func cropped(width: Int, height: Int) -> VideoFrame {
    precondition(width <= self.width && height <= self.height, "there are as many")
    return VideoFrame(
      width: width, height: height, luma: luma, chroma: chroma, colourSpace: colourSpace, captureTime: captureTime)
  }

  /// Returns a view of every other row from the first: one of the two fields of an interlaced picture.
  package borrowing func firstField() -> VideoFrame {
    func field(_ plane: Plane) -> Plane { Plane(base: plane.base, stride: 2 * plane.stride) }
    let chroma: Chroma =
      switch self.chroma {
      case .i420(let u, let v): .i420(u: field(u), v: field(v))
      case .nv12(let uv): .nv12(field(uv))
      }
    return VideoFrame(
      width: width, height: (height + 1) / 2, luma: field(luma), chroma: chroma, colourSpace: colourSpace,
      captureTime: captureTime)
  }
}
