import CYUV
import NIOCore

/// The layout of 8-bit samples with separate planes for luma and chroma (Linux kernel documentation, "Planar YUV
/// formats").
package struct PlanarLayout: Hashable, Sendable {
  package enum Chroma: Sendable {
    /// U and V have a plane each or are interleaved in one; U is first, or V.
    case uThenV, vThenU, uvPairs, vuPairs
  }

  package let chroma: Chroma
  /// The columns and rows of luma that share a sample of chroma.
  package let columns: Int
  package let rows: Int

  package init(_ chroma: Chroma, columns: Int, rows: Int) {
    self.chroma = chroma
    self.columns = columns
    self.rows = rows
  }

  package var isInterleaved: Bool { chroma == .uvPairs || chroma == .vuPairs }
  package var planeCount: Int { isInterleaved ? 2 : 3 }

  /// Whether the encoder can read the planes in place. If chroma is not halved vertically, it reads every other row.
  package var isInPlace: Bool { columns == 2 && rows <= 2 && chroma != .vuPairs }

  package func chromaWidth(of width: Int) -> Int { (width + columns - 1) / columns }
  package func chromaHeight(of height: Int) -> Int { (height + rows - 1) / rows }

  /// Makes a view of planes that need no conversion.
  package func frame(
    _ planes: [VideoFrame.Plane], width: Int, height: Int, colourSpace: ColourSpace, captureTime: NIODeadline
  ) -> VideoFrame {
    precondition(isInPlace && planes.count == planeCount, "4:2:0, or what may pass for it")
    func halved(_ plane: VideoFrame.Plane) -> VideoFrame.Plane {
      .init(base: plane.base, stride: plane.stride * 2 / rows)
    }
    let lent: VideoFrame.Chroma =
      switch chroma {
      case .uThenV: .i420(u: halved(planes[1]), v: halved(planes[2]))
      case .vThenU: .i420(u: halved(planes[2]), v: halved(planes[1]))
      case .uvPairs, .vuPairs: .nv12(halved(planes[1]))
      }
    return VideoFrame(
      width: width, height: height, luma: planes[0], chroma: lent, colourSpace: colourSpace, captureTime: captureTime)
  }
}

extension PictureBuffer {
  /// Converts a picture of the size of this buffer.
  package borrowing func fill(from planes: [VideoFrame.Plane], layout: PlanarLayout) {
    precondition(planes.count == layout.planeCount, "as many as there are")
    CopyPlane(
      planes[0].base, Int32(planes[0].stride), luma.baseAddress!, Int32(lumaStride), Int32(width), Int32(height))
    switch layout.chroma {
    case .uThenV:
      scale(planes[1], layout, to: u)
      scale(planes[2], layout, to: v)
    case .vThenU:
      scale(planes[2], layout, to: u)
      scale(planes[1], layout, to: v)
    case .uvPairs: split(planes[1], layout, u, v)
    case .vuPairs: split(planes[1], layout, v, u)
    }
  }

  private borrowing func scale(
    _ plane: VideoFrame.Plane, _ layout: PlanarLayout, to target: UnsafeMutableBufferPointer<UInt8>
  ) {
    ScalePlane(
      plane.base, Int32(plane.stride), Int32(layout.chromaWidth(of: width)), Int32(layout.chromaHeight(of: height)),
      target.baseAddress!, Int32(chromaStride), Int32((width + 1) / 2), Int32((height + 1) / 2), kFilterBilinear)
  }

  /// Splits interleaved chroma row by row, since libyuv has no function that scales and splits it.
  private borrowing func split(
    _ plane: VideoFrame.Plane, _ layout: PlanarLayout, _ first: UnsafeMutableBufferPointer<UInt8>,
    _ second: UnsafeMutableBufferPointer<UInt8>
  ) {
    let chromaWidth = (width + 1) / 2
    let sourceRows = 2 / layout.rows
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * chromaWidth) { pairs in
      for row in 0..<(height + 1) / 2 {
        var source = plane.base + row * sourceRows * plane.stride
        if layout.columns == 1 || sourceRows > 1 {
          UVScale(
            source, Int32(plane.stride), Int32(layout.chromaWidth(of: width)),
            Int32(min(sourceRows, layout.chromaHeight(of: height) - row * sourceRows)), pairs.baseAddress!,
            Int32(2 * chromaWidth), Int32(chromaWidth), 1, kFilterBilinear)
          source = UnsafePointer(pairs.baseAddress!)
        }
        let start = row * chromaStride
        SplitUVPlane(
          source, 0, first.baseAddress! + start, 0, second.baseAddress! + start, 0, Int32(chromaWidth), 1)
      }
    }
  }
}
