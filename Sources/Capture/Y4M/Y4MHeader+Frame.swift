import NIOCore
import Video

extension Y4MHeader {
  /// A view of a picture of this stream in `memory`, as it was read.
  func frame(of memory: UnsafeMutableRawBufferPointer, captureTime: NIODeadline) -> VideoFrame {
    let samples = UnsafePointer(memory.baseAddress!.assumingMemoryBound(to: UInt8.self))
    let u = samples + lumaStride * height
    let v = u + chromaStride * chromaHeight
    return VideoFrame(
      width: width, height: height, luma: .init(base: samples, stride: lumaStride),
      chroma: .i420(u: .init(base: u, stride: chromaStride), v: .init(base: v, stride: chromaStride)),
      colourSpace: ColourSpace(matrix: .bt601, range: range), captureTime: captureTime)
  }
}
