import CJPEG
import CYUV

extension JPEGDecoder {
  /// Reads luma and chroma, or luma alone, as they are stored. Reading pixels would cost more, and 4:2:0 would have to
  /// be computed from them again.
  mutating func readComponents(into picture: borrowing PictureBuffer) throws(Failure) {
    decoder.pointee.info.raw_data_out = 1
    guard cjpeg_start(decoder) else { throw lastFailure }
    var components: [Component] = []
    for index in 0..<Int(decoder.pointee.info.num_components) {
      components.append(Component(index, of: decoder.pointee.info, in: picture))
    }
    // The first row of the scratch memory receives the rows below the picture.
    let needed = components.reduce(picture.lumaStride) { $0 + $1.scratchSize }
    if scratch.count < needed {
      scratch.deallocate()
      scratch = .allocate(capacity: needed)
    }
    var next = scratch.baseAddress! + picture.lumaStride
    for index in components.indices where !components[index].isDirect {
      components[index].place(at: next)
      next += components[index].scratchSize
    }
    guard read(components) else { throw lastFailure }
    for component in components where !component.isDirect { component.scale() }
    guard components.count == 1 else { return }
    picture.u.update(repeating: 128)
    picture.v.update(repeating: 128)
  }

  private func read(_ components: [Component]) -> Bool {
    let most = Component.mostRowsPerMCU
    return withUnsafeTemporaryAllocation(of: JSAMPROW?.self, capacity: components.count * most) { rows in
      withUnsafeTemporaryAllocation(of: JSAMPARRAY?.self, capacity: components.count) { arrays in
        for index in components.indices { arrays[index] = rows.baseAddress! + index * most }
        let count = UInt32(decoder.pointee.info.max_v_samp_factor * DCTSIZE)
        for mcuRow in 0..<Int(decoder.pointee.info.total_iMCU_rows) {
          for (index, component) in components.enumerated() {
            let first = mcuRow * component.rowsPerMCU
            for row in 0..<component.rowsPerMCU {
              rows[index * most + row] =
                first + row < component.rows
                ? component.base + (first + row) * component.stride : scratch.baseAddress!
            }
          }
          guard cjpeg_read_raw(decoder, arrays.baseAddress!, count) else { return false }
        }
        return true
      }
    }
  }

  /// The destination of a component: its plane, or scratch memory from which it is scaled to the plane.
  private struct Component {
    /// The most rows in an MCU: four blocks (T.81 table B.2) of eight rows.
    static let mostRowsPerMCU = 32

    private let info: jpeg_component_info
    private let plane: (base: UnsafeMutablePointer<UInt8>, stride: Int, width: Int, height: Int)
    private let mcuRows: Int
    private(set) var base: UnsafeMutablePointer<UInt8>

    init(_ index: Int, of picture: jpeg_decompress_struct, in buffer: borrowing PictureBuffer) {
      info = picture.comp_info[index]
      mcuRows = Int(picture.total_iMCU_rows)
      let (width, height) = ((buffer.width + 1) / 2, (buffer.height + 1) / 2)
      plane =
        switch index {
        case 0: (buffer.luma.baseAddress!, buffer.lumaStride, buffer.width, buffer.height)
        case 1: (buffer.u.baseAddress!, buffer.chromaStride, width, height)
        default: (buffer.v.baseAddress!, buffer.chromaStride, width, height)
        }
      base = plane.base
    }

    /// Whether the component has as many samples as the plane. The rows of a plane have room for what libjpeg writes
    /// beyond the last column.
    var isDirect: Bool {
      info.downsampled_width == plane.width && info.downsampled_height == plane.height
    }

    var stride: Int { isDirect ? plane.stride : Int(info.width_in_blocks) * Int(DCTSIZE) }
    var rowsPerMCU: Int { Int(info.v_samp_factor) * Int(DCTSIZE) }
    /// The number of rows for which there is memory.
    var rows: Int { isDirect ? plane.height : mcuRows * rowsPerMCU }
    var scratchSize: Int { isDirect ? 0 : stride * rows }

    mutating func place(at memory: UnsafeMutablePointer<UInt8>) { base = memory }

    func scale() {
      ScalePlane(
        base, Int32(stride), Int32(info.downsampled_width), Int32(info.downsampled_height), plane.base,
        Int32(plane.stride), Int32(plane.width), Int32(plane.height), kFilterBilinear)
    }
  }
}

/// Pictures in other colour models than that of JFIF, according to the Adobe marker. No camera should send them.
extension JPEGDecoder {
  /// Reads a picture as pixels.
  ///
  /// - Parameter colours: `JCS_RGB` or `JCS_CMYK`.
  /// - Throws: `Failure`.
  func readPixels(as colours: J_COLOR_SPACE, into picture: borrowing PictureBuffer) throws(Failure) {
    decoder.pointee.info.out_color_space = colours
    guard cjpeg_start(decoder) else { throw lastFailure }
    let isInverted = decoder.pointee.info.saw_Adobe_marker != 0
    let stride = picture.width * (colours == JCS_CMYK ? 4 : 3)
    let isRead = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * stride) { pixels in
      let base = pixels.baseAddress!
      for y in Swift.stride(from: 0, to: picture.height, by: 2) {
        let rows = min(2, picture.height - y)
        for row in 0..<rows {
          let start = base + row * stride
          guard cjpeg_read_row(decoder, start) else { return false }
          if colours == JCS_CMYK { Self.mixInks(start, count: picture.width, isInverted: isInverted) }
        }
        RAWToJ420(
          base, Int32(stride), picture.luma.baseAddress! + y * picture.lumaStride, Int32(picture.lumaStride),
          picture.u.baseAddress! + y / 2 * picture.chromaStride, Int32(picture.chromaStride),
          picture.v.baseAddress! + y / 2 * picture.chromaStride, Int32(picture.chromaStride), Int32(picture.width),
          Int32(rows))
      }
      return true
    }
    guard isRead else { throw lastFailure }
  }

  /// Converts cyan, magenta, yellow and black to red, green and blue in place. Adobe's programs store inverted values.
  private static func mixInks(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, isInverted: Bool) {
    for pixel in 0..<count {
      let ink: UInt8 = isInverted ? 0 : 255
      let black = Int(pixels[4 * pixel + 3] ^ ink)
      for colour in 0..<3 {
        pixels[3 * pixel + colour] = UInt8(Int(pixels[4 * pixel + colour] ^ ink) * black / 255)
      }
    }
  }
}
