import NIOCore
import Video

/// A frame's samples, copied out so that a test may keep them.
struct Samples: Equatable {
  var width: Int
  var height: Int
  var captureTime: NIODeadline
  var luma: [UInt8]
  var u: [UInt8]
  var v: [UInt8]

  init(copying frame: borrowing VideoFrame) {
    func rows(_ plane: VideoFrame.Plane, _ width: Int, _ height: Int) -> [UInt8] {
      (0..<height).flatMap { UnsafeBufferPointer(start: plane.base + $0 * plane.stride, count: width) }
    }
    width = frame.width
    height = frame.height
    captureTime = frame.captureTime
    luma = rows(frame.luma, width, height)
    switch frame.chroma {
    case .i420(let u, let v):
      self.u = rows(u, frame.chromaWidth, frame.chromaHeight)
      self.v = rows(v, frame.chromaWidth, frame.chromaHeight)
    case .nv12(let plane):
      let both = rows(plane, 2 * frame.chromaWidth, frame.chromaHeight)
      u = stride(from: 0, to: both.count, by: 2).map { both[$0] }
      v = stride(from: 1, to: both.count, by: 2).map { both[$0] }
    }
  }

  func chroma(_ x: Int, _ y: Int) -> [UInt8] {
    let index = y / 2 * ((width + 1) / 2) + x / 2
    return [u[index], v[index]]
  }

  /// The colour that a VP8 player shows there: BT.601 limited.
  func rgb(_ x: Int, _ y: Int) -> [Double] {
    let luma = (Double(self.luma[y * width + x]) - 16) / 219
    let chroma = chroma(x, y).map { (Double($0) - 128) / 224 }
    let red = luma + 1.402 * chroma[1]
    let blue = luma + 1.772 * chroma[0]
    let green = (luma - 0.299 * red - 0.114 * blue) / 0.587
    return [red, green, blue].map { 255 * $0 }
  }
}
