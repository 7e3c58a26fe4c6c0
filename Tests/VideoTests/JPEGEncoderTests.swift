import NIOCore
import TestSupport
import Testing
import Video

@Suite("Pictures as JPEG") struct JPEGEncoderTests {
  private static let spaces = [ColourSpace.Matrix.bt601, .bt709, .bt2020].flatMap { matrix in
    [ColourSpace.Range.limited, .full].map { ColourSpace(matrix: matrix, range: $0) }
  }

  @Test("the JPEG has the colours of the frame, whatever its matrix, range and layout", arguments: spaces)
  func colours(space: ColourSpace) throws {
    for (rgb, asNV12) in [((0.75, 0, 0), false), ((0, 0.75, 0.2), true), ((1, 1, 1), false), ((0, 0, 0), true)] {
      let (width, height) = (18, 10)
      let samples = space.samples(of: rgb)
      let chroma = width / 2 * (height / 2)
      let picture = Picture(
        width: width, height: height, luma: .init(repeating: samples[0], count: width * height),
        u: .init(repeating: samples[1], count: chroma), v: .init(repeating: samples[2], count: chroma))
      let jpeg = picture.withFrame(colourSpace: space, padding: 5, asNV12: asNV12) { JPEGEncoder().encode($0) }
      let seen = try #require(JPEGSample.pixels(of: Array(jpeg.readableBytesView)))
      #expect(seen.width == width && seen.height == height)
      for index in seen.rgb.indices {
        let wanted = [rgb.0, rgb.1, rgb.2][index % 3] * 255
        #expect(abs(Double(seen.rgb[index]) - wanted) <= 4, "\(rgb) in \(space)")
      }
    }
  }

  @Test(
    "the JPEG keeps details in place with 35 dB, as another decoder measures",
    arguments: [(64, 48), (62, 46), (2, 2), (31, 17)])
  func detail(width: Int, height: Int) throws {
    let picture = Picture(width: width, height: height, texture: 3)
    let jpeg = picture.withFrame(colourSpace: .jpeg, padding: 3) { JPEGEncoder().encode($0) }
    var decoded = PictureBuffer(width: 2, height: 2)
    var decoder = JPEGDecoder(largestArea: width * height)
    try jpeg.withUnsafeReadableBytes { try decoder.decode($0, into: &decoded) }
    let seen = decoded.withFrame(captureTime: .uptimeNanoseconds(0)) { Picture(copying: $0) }
    #expect(seen.meanSquaredError(to: picture) < Picture.errorAt35dB)
  }
}
