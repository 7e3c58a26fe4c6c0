import NIOCore

/// The VP8 payload descriptor (RFC 7741 section 4.2).
package struct VP8PayloadDescriptor: Hashable, Sendable {
  /// The picture ID, of fifteen bits where `isLong` (the M bit) is set and of seven bits otherwise.
  package struct PictureID: Hashable, Sendable {
    package var value: UInt16
    package var isLong: Bool

    package init(_ value: UInt16, isLong: Bool = true) {
      precondition(value < (isLong ? 0x8000 : 0x80), "a picture id has 7 or 15 bits")
      self.value = value
      self.isLong = isLong
    }
  }

  /// The temporal layer (TID), and whether the frames of this layer depend on the base layer alone (Y).
  package struct TemporalLayer: Hashable, Sendable {
    package var index: UInt8
    package var isLayerSync: Bool

    package init(index: UInt8, isLayerSync: Bool) {
      precondition(index < 4, "TID has two bits")
      self.index = index
      self.isLayerSync = isLayerSync
    }
  }

  /// N: no other frame refers to this one.
  package var isNonReference = false
  /// S: the packet begins a partition.
  package var isStartOfPartition: Bool
  /// PID: the partition index, three bits.
  package var partitionIndex: UInt8 = 0
  package var pictureID: PictureID?
  /// TL0PICIDX: the running index of the frames of the base layer.
  package var temporalLevelZeroIndex: UInt8?
  package var temporalLayer: TemporalLayer?
  /// KEYIDX: the running index of key frames, five bits.
  package var keyIndex: UInt8?

  package init(isStartOfPartition: Bool, pictureID: PictureID? = nil) {
    self.isStartOfPartition = isStartOfPartition
    self.pictureID = pictureID
  }

  /// Whether this is the first packet of a frame.
  package var isStartOfFrame: Bool {
    isStartOfPartition && partitionIndex == 0
  }

  /// Reads the descriptor from the beginning of an RTP payload and leaves the rest in `payload`.
  ///
  /// - Throws: `RTPError.truncated`; `payload` is unchanged then.
  package init(parsing payload: inout ByteBuffer) throws(RTPError) {
    var rest = payload
    let first = try rest.readOctet()
    self.init(isStartOfPartition: first & 0x10 != 0)
    isNonReference = first & 0x20 != 0
    partitionIndex = first & 0x07
    if first & 0x80 != 0 {
      let present = try rest.readOctet()
      if present & 0x80 != 0 {
        let high = try rest.readOctet()
        pictureID =
          if high & 0x80 != 0 {
            PictureID(UInt16(high & 0x7F) << 8 | UInt16(try rest.readOctet()))
          } else {
            PictureID(UInt16(high), isLong: false)
          }
      }
      if present & 0x40 != 0 {
        temporalLevelZeroIndex = try rest.readOctet()
      }
      if present & 0x30 != 0 {
        let layerAndKey = try rest.readOctet()
        if present & 0x20 != 0 {
          temporalLayer = TemporalLayer(index: layerAndKey >> 6, isLayerSync: layerAndKey & 0x20 != 0)
        }
        if present & 0x10 != 0 {
          keyIndex = layerAndKey & 0x1F
        }
      }
    }
    payload = rest
  }

  /// The encoded descriptor, six octets at most.
  package var payloadHeader: RTPPayloadHeader {
    var octets = UInt64((isNonReference ? 0x20 : 0) | (isStartOfPartition ? 0x10 : 0) | (partitionIndex & 0x07))
    var length = 1
    func append(_ value: UInt64, octets count: Int) {
      octets = octets << (8 * UInt64(count)) | value
      length += count
    }
    if present != 0 {
      octets |= 0x80
      append(UInt64(present), octets: 1)
    }
    if let pictureID {
      append(UInt64(pictureID.value) | (pictureID.isLong ? 0x8000 : 0), octets: pictureID.isLong ? 2 : 1)
    }
    if let temporalLevelZeroIndex {
      append(UInt64(temporalLevelZeroIndex), octets: 1)
    }
    if temporalLayer != nil || keyIndex != nil {
      let layer = temporalLayer.map { $0.index << 6 | ($0.isLayerSync ? 0x20 : 0) } ?? 0
      append(UInt64(layer | ((keyIndex ?? 0) & 0x1F)), octets: 1)
    }
    return RTPPayloadHeader(octets: octets, length: length)
  }

  /// The octet of the flags I, L, T and K.
  private var present: UInt8 {
    (pictureID == nil ? 0 : 0x80) | (temporalLevelZeroIndex == nil ? 0 : 0x40) | (temporalLayer == nil ? 0 : 0x20)
      | (keyIndex == nil ? 0 : 0x10)
  }
}

extension ByteBuffer {
  fileprivate mutating func readOctet() throws(RTPError) -> UInt8 {
    guard let octet: UInt8 = readInteger() else { throw .truncated }
    return octet
  }
}
