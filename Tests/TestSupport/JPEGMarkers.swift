/// What tests do to the segments of a JPEG picture (T.81 section B.1.1).
package enum JPEGMarkers {
  /// Where each marker begins, and which it is; those within the samples too.
  package static func all(in jpeg: [UInt8]) -> [(offset: Int, code: UInt8)] {
    var markers: [(Int, UInt8)] = []
    var offset = 0
    while offset + 1 < jpeg.count {
      let code = jpeg[offset + 1]
      guard jpeg[offset] == 0xff, code != 0, code != 0xff else {
        offset += 1
        continue
      }
      markers.append((offset, code))
      let isAlone = code == 0x01 || (0xd0...0xd9).contains(code)
      offset += isAlone ? 2 : 2 + Int(jpeg[offset + 2]) << 8 + Int(jpeg[offset + 3])
    }
    return markers
  }

  package static func inserting(
    _ bytes: [UInt8], before isWanted: (UInt8) -> Bool, in jpeg: [UInt8]
  ) -> [UInt8] {
    var result = jpeg
    for (offset, code) in all(in: jpeg).reversed() where isWanted(code) { result.insert(contentsOf: bytes, at: offset) }
    return result
  }

  /// Without the segments of that marker.
  package static func removing(_ code: UInt8, from jpeg: [UInt8]) -> [UInt8] {
    var result = jpeg
    for (offset, found) in all(in: jpeg).reversed() where found == code {
      result.removeSubrange(offset..<offset + 2 + Int(jpeg[offset + 2]) << 8 + Int(jpeg[offset + 3]))
    }
    return result
  }

  /// With a segment right behind the start of image.
  package static func adding(_ code: UInt8, _ content: [UInt8], to jpeg: [UInt8]) -> [UInt8] {
    let length = content.count + 2
    return jpeg[..<2] + [0xff, code, UInt8(length >> 8), UInt8(length & 0xff)] + content + jpeg[2...]
  }

  /// Says in the frame header (T.81 section B.2.2) that the picture is so high.
  package static func setting(height: Int, in jpeg: [UInt8]) -> [UInt8] {
    var result = jpeg
    for (offset, code) in all(in: jpeg) where [0xc0, 0xc1, 0xc2, 0xc9].contains(code) {
      result[offset + 5] = UInt8(height >> 8)
      result[offset + 6] = UInt8(height & 0xff)
    }
    return result
  }
}
