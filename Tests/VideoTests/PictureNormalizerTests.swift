import NIOCore
import Testing
import Video

@Suite struct PictureNormalizerTests {
  private static let spaces = [ColourSpace.Matrix.bt601, .bt709, .smpte240, .bt2020].flatMap { matrix in
    [ColourSpace.Range.limited, .full].map { ColourSpace(matrix: matrix, range: $0) }
  }

  private static func flat(_ samples: [UInt8], width: Int = 18, height: Int = 10) -> Picture {
    Picture(
      width: width, height: height, luma: .init(repeating: samples[0], count: width * height),
      u: .init(repeating: samples[1], count: (width + 1) / 2 * ((height + 1) / 2)),
      v: .init(repeating: samples[2], count: (width + 1) / 2 * ((height + 1) / 2)))
  }

  private static func normalized(
    _ picture: Picture, to size: (Int, Int)? = nil, orientation: Orientation = .upright,
    colourSpace: ColourSpace = .vp8, asNV12: Bool = false
  ) -> Picture {
    var normalizer = PictureNormalizer(
      width: size?.0 ?? picture.width, height: size?.1 ?? picture.height, orientation: orientation)
    return picture.withFrame(colourSpace: colourSpace, padding: 5, asNV12: asNV12) { frame in
      normalizer.normalize(frame) {
        #expect($0.colourSpace == .vp8)
        return Picture(copying: $0)
      }
    }
  }

  @Test("every matrix and range is converted exactly to limited-range BT.601", arguments: spaces)
  func colours(space: ColourSpace) {
    for red in [0, 0.2, 0.75, 1] {
      for green in [0, 0.4, 0.75, 1] {
        for blue in [0, 0.6, 0.75, 1] {
          let got = Self.normalized(Self.flat(space.samples(of: (red, green, blue))), colourSpace: space)
          let want = ColourSpace.vp8.samples(of: (red, green, blue))
          for (plane, level) in zip([got.luma, got.u, got.v], want) {
            #expect(plane.allSatisfy { abs(Int($0) - Int(level)) <= 1 }, "\(red) \(green) \(blue)")
          }
        }
      }
    }
  }

  @Test("samples beyond black and white are clamped", arguments: spaces)
  func extremes(space: ColourSpace) {
    for y: UInt8 in [0, 255] {
      for u: UInt8 in [0, 255] {
        for v: UInt8 in [0, 255] {
          let got = Self.normalized(Self.flat([y, u, v]), colourSpace: space)
          #expect(y == 0 ? got.luma[0] < 128 : got.luma[0] > 128)
        }
      }
    }
  }

  @Test(
    "each luma sample keeps its position and uses the chroma at that position", arguments: [(18, 10), (17, 9), (1, 1)])
  func places(width: Int, height: Int) {
    let space = ColourSpace(matrix: .bt709, range: .full)
    let picture = Picture(width: width, height: height, texture: 1)
    let got = Self.normalized(picture, colourSpace: space)
    let chromaWidth = (width + 1) / 2
    for (x, y) in (0..<height).flatMap({ y in (0..<width).map { ($0, y) } }) {
      let chroma = y / 2 * chromaWidth + x / 2
      let single = Self.normalized(
        Self.flat([picture.luma[y * width + x], picture.u[chroma], picture.v[chroma]], width: 2, height: 2),
        colourSpace: space)
      #expect(got.luma[y * width + x] == single.luma[0])
      #expect(got.u[chroma] == single.u[0] && got.v[chroma] == single.v[0])
    }
  }

  @Test("a picture that needs no conversion is passed on without a copy", arguments: [false, true])
  func inPlace(asNV12: Bool) {
    var normalizer = PictureNormalizer(width: 64, height: 48)
    Picture(width: 64, height: 48, texture: 0).withFrame(asNV12: asNV12) { frame in
      let base = frame.luma.base
      normalizer.normalize(frame) { #expect($0.luma.base == base) }
    }
  }

  @Test("turning and mirroring put each corner in its place")
  func orientations() {
    // Quarters 1 2 / 3 4, by luma and chroma.
    let (width, height) = (8, 4)
    func quarters(_ width: Int, _ height: Int, _ order: [UInt8]) -> [UInt8] {
      (0..<height).flatMap { y in (0..<width).map { x in order[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)] } }
    }
    func picture(_ width: Int, _ height: Int, _ order: [UInt8]) -> Picture {
      Picture(
        width: width, height: height, luma: quarters(width, height, order.map { 40 * $0 }),
        u: quarters(width / 2, height / 2, order.map { 50 * $0 }),
        v: quarters(width / 2, height / 2, order.map { 60 * $0 }))
    }
    let stored = picture(width, height, [1, 2, 3, 4])
    let upright: [(Orientation, [UInt8])] = [
      (.upright, [1, 2, 3, 4]), (.init(turn: .quarter), [3, 1, 4, 2]), (.init(turn: .half), [4, 3, 2, 1]),
      (.init(turn: .threeQuarters), [2, 4, 1, 3]), (.init(isMirrored: true), [2, 1, 4, 3]),
      (.init(isMirrored: true, turn: .quarter), [4, 2, 3, 1]), (.init(isMirrored: true, turn: .half), [3, 4, 1, 2]),
      (.init(isMirrored: true, turn: .threeQuarters), [1, 3, 2, 4]),
    ]
    for (orientation, order) in upright {
      let size = orientation.swapsSides ? (height, width) : (width, height)
      for asNV12 in [false, true] {
        let got = Self.normalized(stored, to: size, orientation: orientation, asNV12: asNV12)
        #expect(got == picture(size.0, size.1, order), "\(orientation)")
      }
    }
  }

  @Test("scaling preserves the picture, turned or not", arguments: [(32, 24), (128, 96), (64, 48), (20, 60)])
  func scaling(width: Int, height: Int) {
    // A ramp from left to right survives scaling; after a quarter turn it runs from top to bottom.
    let ramp = Picture(
      width: 64, height: 48, luma: (0..<48).flatMap { _ in (0..<64).map { UInt8(40 + 2 * $0) } },
      u: .init(repeating: 90, count: 32 * 24), v: .init(repeating: 160, count: 32 * 24))
    let plain = Self.normalized(ramp, to: (width, height))
    #expect((plain.width, plain.height) == (width, height))
    let turned = Self.normalized(ramp, to: (width, height), orientation: .init(turn: .quarter))
    for position in [0.25, 0.5, 0.75] {
      let level = 40 + 128 * position
      let across = plain.luma[height / 2 * width + Int(Double(width) * position)]
      let down = turned.luma[Int(Double(height) * position) * width + width / 2]
      #expect(abs(Double(across) - level) < 5)
      #expect(abs(Double(down) - level) < 5)
    }
    #expect(plain.u.allSatisfy { $0 == 90 } && turned.v.allSatisfy { $0 == 160 })
  }

  @Test("pictures may change their size and colour space")
  func changes() {
    var normalizer = PictureNormalizer(width: 32, height: 32)
    for (size, space) in zip([(64, 64), (20, 30), (32, 32), (64, 64)], [Self.spaces[3], .vp8, Self.spaces[1], .vp8]) {
      let picture = Self.flat(space.samples(of: (0.75, 0, 0)), width: size.0, height: size.1)
      let got = picture.withFrame(colourSpace: space) { normalizer.normalize($0) { Picture(copying: $0) } }
      let want = ColourSpace.vp8.samples(of: (0.75, 0, 0))
      #expect(got.width == 32 && got.height == 32)
      #expect(abs(Int(got.luma[500]) - Int(want[0])) <= 1 && abs(Int(got.v[100]) - Int(want[2])) <= 1)
    }
  }
}
