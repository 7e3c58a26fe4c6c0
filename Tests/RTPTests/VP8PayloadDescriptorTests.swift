import NIOCore
import RTP
import Testing

@Suite("VP8 payload descriptor (RFC 7741 section 4.2)")
struct VP8PayloadDescriptorTests {
  /// RFC 7741 section 4.6: the descriptors of its example streams.
  @Test("the examples of RFC 7741 are read and written")
  func examples() throws {
    typealias Descriptor = VP8PayloadDescriptor
    let short = Descriptor.PictureID(17, isLong: false)
    var secondPartition = Descriptor(isStartOfPartition: true)
    secondPartition.partitionIndex = 1
    var secondPartitionContinued = Descriptor(isStartOfPartition: false, pictureID: short)
    secondPartitionContinued.partitionIndex = 1
    let examples: [(String, Descriptor)] = [
      ("90 80 11", Descriptor(isStartOfPartition: true, pictureID: short)),
      ("10", Descriptor(isStartOfPartition: true)),
      ("11", secondPartition),
      ("80 80 11", Descriptor(isStartOfPartition: false, pictureID: short)),
      ("81 80 11", secondPartitionContinued),
      ("90 80 92 67", Descriptor(isStartOfPartition: true, pictureID: Descriptor.PictureID(4711))),
    ]
    for (hex, descriptor) in examples {
      var written = ByteBuffer()
      descriptor.payloadHeader.write(to: &written)
      #expect(written == ByteBuffer(hex: hex))
      #expect(descriptor.payloadHeader.length == written.readableBytes)
      written.writeInteger(UInt8(0xAB))
      #expect(try Descriptor(parsing: &written) == descriptor)
      #expect(written == ByteBuffer(hex: "AB"))
    }
  }

  @Test("every combination of fields is read back, and every truncated one is refused")
  func combinations() throws {
    for present in 0..<32 {
      var descriptor = VP8PayloadDescriptor(isStartOfPartition: present & 1 != 0)
      descriptor.isNonReference = present & 1 == 0
      descriptor.pictureID = present & 2 != 0 ? .init(present & 1 != 0 ? 0x7FFF : 0x7F, isLong: present & 1 != 0) : nil
      descriptor.temporalLevelZeroIndex = present & 4 != 0 ? 0xC3 : nil
      descriptor.temporalLayer = present & 8 != 0 ? .init(index: 2, isLayerSync: present & 1 != 0) : nil
      descriptor.keyIndex = present & 16 != 0 ? 0x1F : nil
      var written = ByteBuffer()
      descriptor.payloadHeader.write(to: &written)
      #expect(written.readableBytes == descriptor.payloadHeader.length)
      for length in 0..<written.readableBytes {
        var prefix = try #require(written.getSlice(at: 0, length: length))
        #expect(throws: RTPError.truncated) { try VP8PayloadDescriptor(parsing: &prefix) }
        #expect(prefix.readableBytes == length)
      }
      #expect(try VP8PayloadDescriptor(parsing: &written) == descriptor)
      #expect(written.readableBytes == 0)
    }
  }

  @Test("only the first packet of partition 0 begins a frame")
  func startOfFrame() {
    var descriptor = VP8PayloadDescriptor(isStartOfPartition: true)
    #expect(descriptor.isStartOfFrame)
    descriptor.partitionIndex = 1
    #expect(!descriptor.isStartOfFrame)
    #expect(!VP8PayloadDescriptor(isStartOfPartition: false).isStartOfFrame)
  }
}
