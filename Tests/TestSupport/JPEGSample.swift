import CJPEG
import Glibc

/// A JPEG picture as some camera writes it, by libjpeg.
package struct JPEGSample: Sendable {
  package enum Colours: Sendable {
    case yCbCr, grey, rgb, cmyk, ycck
  }

  package enum Process: Equatable, Sendable {
    case baseline
    case progressive
    /// Sequential, a scan for each component.
    case scanPerComponent
    case arithmetic
    /// So many scans that refine nothing.
    case bomb(scans: Int)
  }

  package var width: Int
  package var height: Int
  package var colours: Colours
  /// Horizontal and vertical sampling factors (T.81 section A.1.1), a pair for each component.
  package var sampling: [(Int, Int)]
  package var process: Process
  /// MCUs between restart markers; 0 for none.
  package var restartInterval: Int
  package var quality: Int

  package init(
    width: Int = 64, height: Int = 48, colours: Colours = .yCbCr, sampling: [(Int, Int)]? = nil,
    process: Process = .baseline, restartInterval: Int = 0, quality: Int = 95
  ) {
    self.width = width
    self.height = height
    self.colours = colours
    let standard = [.yCbCr: [(2, 2), (1, 1), (1, 1)], .grey: [(1, 1)]][colours]
    self.sampling = sampling ?? standard ?? Array(repeating: (1, 1), count: colours == .rgb ? 3 : 4)
    self.process = process
    self.restartInterval = restartInterval
    self.quality = quality
  }

  /// - Parameter pixel: red, green and blue at a column and a row.
  package func encode(_ pixel: (Int, Int) -> [UInt8]) -> [UInt8] {
    let encoder = UnsafeMutablePointer<cjpeg_encoder>.allocate(capacity: 1)
    encoder.initialize(to: cjpeg_encoder())
    cjpeg_create_encoder(encoder)
    var output: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    defer {
      jpeg_destroy_compress(&encoder.pointee.info)
      free(output)
      encoder.deallocate()
    }
    jpeg_mem_dest(&encoder.pointee.info, &output, &size)
    configure(&encoder.pointee.info)
    withScans { scans, count in
      encoder.pointee.info.scan_info = scans
      encoder.pointee.info.num_scans = count
      jpeg_start_compress(&encoder.pointee.info, 1)
      for y in 0..<height {
        var row = (0..<width).flatMap { inks(pixel($0, y)) }
        row.withUnsafeMutableBufferPointer {
          var line = $0.baseAddress
          jpeg_write_scanlines(&encoder.pointee.info, &line, 1)
        }
      }
      jpeg_finish_compress(&encoder.pointee.info)
    }
    return Array(UnsafeBufferPointer(start: output, count: Int(size)))
  }

  private func configure(_ info: inout jpeg_compress_struct) {
    info.image_width = UInt32(width)
    info.image_height = UInt32(height)
    let isFourColours = colours == .cmyk || colours == .ycck
    info.input_components = isFourColours ? 4 : 3
    info.in_color_space = isFourColours ? JCS_CMYK : JCS_RGB
    jpeg_set_defaults(&info)
    let space =
      switch colours {
      case .yCbCr: JCS_YCbCr
      case .grey: JCS_GRAYSCALE
      case .rgb: JCS_RGB
      case .cmyk: JCS_CMYK
      case .ycck: JCS_YCCK
      }
    jpeg_set_colorspace(&info, space)
    jpeg_set_quality(&info, Int32(quality), 1)
    for (index, (horizontal, vertical)) in sampling.enumerated() {
      info.comp_info[index].h_samp_factor = Int32(horizontal)
      info.comp_info[index].v_samp_factor = Int32(vertical)
    }
    info.restart_interval = UInt32(restartInterval)
    if case .arithmetic = process { info.arith_code = 1 }
  }

  /// As Adobe's programs do it: how much of each ink is left away.
  private func inks(_ rgb: [UInt8]) -> [UInt8] {
    guard colours == .cmyk || colours == .ycck else { return rgb }
    let black = max(1, rgb.max()!)
    return rgb.map { UInt8(Int($0) * 255 / Int(black)) } + [black]
  }

  private func withScans(_ body: (UnsafePointer<jpeg_scan_info>?, Int32) -> Void) {
    func scan(_ components: [Int32], _ coefficients: ClosedRange<Int32>, high: Int32 = 0, low: Int32 = 0)
      -> jpeg_scan_info
    {
      var scan = jpeg_scan_info()
      scan.comps_in_scan = Int32(components.count)
      withUnsafeMutableBytes(of: &scan.component_index) { bytes in
        for (index, component) in components.enumerated() { bytes.bindMemory(to: Int32.self)[index] = component }
      }
      (scan.Ss, scan.Se, scan.Ah, scan.Al) = (coefficients.lowerBound, coefficients.upperBound, high, low)
      return scan
    }
    let all = Array(0..<Int32(sampling.count))
    let scans: [jpeg_scan_info]
    switch process {
    case .baseline, .arithmetic: return body(nil, 0)
    case .scanPerComponent: scans = all.map { scan([$0], 0...63) }
    case .progressive: scans = [scan(all, 0...0)] + all.flatMap { [scan([$0], 1...5), scan([$0], 6...63)] }
    case .bomb(let count):
      // A refinement of one coefficient at a time; each is looked for in the whole picture.
      scans =
        [scan(all, 0...0)]
        + (0..<count).flatMap { index -> [jpeg_scan_info] in
          let coefficient = Int32(1 + index % 63)
          return [scan([Int32(index / 63 % sampling.count)], coefficient...coefficient)]
        }
    }
    scans.withUnsafeBufferPointer { body($0.baseAddress, Int32($0.count)) }
  }

  // MARK: Looking at one

  /// Red, green and blue, as any other program shows it.
  package static func pixels(of jpeg: [UInt8]) -> (width: Int, height: Int, rgb: [UInt8])? {
    let decoder = UnsafeMutablePointer<cjpeg_decoder>.allocate(capacity: 1)
    decoder.initialize(to: cjpeg_decoder())
    decoder.pointee.is_damage = { _ in true }
    decoder.pointee.most_scans = 100
    defer {
      cjpeg_destroy(decoder)
      decoder.deallocate()
    }
    guard cjpeg_read_header(decoder, jpeg, jpeg.count) else { return nil }
    decoder.pointee.info.out_color_space = JCS_RGB
    let (width, height) = (Int(decoder.pointee.info.image_width), Int(decoder.pointee.info.image_height))
    var rgb = [UInt8](repeating: 0, count: 3 * width * height)
    let isRead = rgb.withUnsafeMutableBufferPointer { rgb in
      cjpeg_start(decoder) && (0..<height).allSatisfy { cjpeg_read_row(decoder, rgb.baseAddress! + 3 * width * $0) }
    }
    return isRead ? (width, height, rgb) : nil
  }
}
