import CYUV

extension VideoFrame {
  package var size: PictureSize { PictureSize(width: width, height: height) }

  /// Scales by the box filter of libyuv. Interleaved chroma stays interleaved.
  ///
  /// For the steps of a `PictureLadder` libyuv has vector code that needs no memory of its own.
  ///
  /// - Returns: a view of the scratch picture, which must not outlive it.
  borrowing func scaled(to size: PictureSize, into scratch: inout PictureBuffer) -> VideoFrame {
    scratch.resize(width: size.width, height: size.height)
    let (lumaStride, chromaStride) = (Int32(scratch.lumaStride), Int32(scratch.chromaStride))
    let status: Int32
    let isInterleaved: Bool
    switch chroma {
    case .i420(let u, let v):
      isInterleaved = false
      status = I420Scale(
        luma.base, Int32(luma.stride), u.base, Int32(u.stride), v.base, Int32(v.stride), Int32(width), Int32(height),
        scratch.luma.baseAddress, lumaStride, scratch.u.baseAddress, chromaStride, scratch.v.baseAddress, chromaStride,
        Int32(size.width), Int32(size.height), kFilterBox)
    case .nv12(let uv):
      isInterleaved = true
      status = NV12Scale(
        luma.base, Int32(luma.stride), uv.base, Int32(uv.stride), Int32(width), Int32(height),
        scratch.luma.baseAddress, lumaStride, scratch.interleavedChroma.baseAddress, 2 * chromaStride,
        Int32(size.width), Int32(size.height), kFilterBox)
    }
    precondition(status == 0, "libyuv refuses only missing planes and empty pictures")
    return scratch.frame(captureTime: captureTime, colourSpace: colourSpace, isInterleaved: isInterleaved)
  }
}
