import NIOCore
import RTP
import Testing

@Suite("VP8 payloader (RFC 7741 section 4.4)")
struct VP8PayloaderTests {
  static func descriptor(_ header: RTPPayloadHeader) throws -> VP8PayloadDescriptor {
    var octets = ByteBuffer()
    header.write(to: &octets)
    #expect(octets.readableBytes == VP8Payloader.descriptorLength)
    return try VP8PayloadDescriptor(parsing: &octets)
  }

  @Test("a frame is split into the fewest packets, all of equal size except the last")
  func equalSizes() throws {
    var payloader = VP8Payloader(firstPictureID: 0)
    for maximum in [5, 6, 7, 100, 1188] {
      let room = maximum - VP8Payloader.descriptorLength
      for length in Array(1...64) + [room - 1, room, room + 1, 10 * room, 10 * room + 1, 9999] where length > 0 {
        let fragments = Array(payloader.fragments(ofFrameWithLength: length, maximumPayloadSize: maximum))
        #expect(fragments.count == (length + room - 1) / room)
        #expect(fragments.first?.range.lowerBound == 0)
        #expect(fragments.last?.range.upperBound == length)
        #expect(zip(fragments, fragments.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
        #expect(fragments.dropLast().allSatisfy { $0.range.count == fragments[0].range.count })
        #expect(fragments.allSatisfy { (1...min(room, fragments[0].range.count)).contains($0.range.count) })
        #expect(fragments.map(\.isLast) == Array(repeating: false, count: fragments.count - 1) + [true])
        let starts = try fragments.map { try Self.descriptor($0.payloadHeader).isStartOfFrame }
        #expect(starts == [true] + fragments.dropFirst().map { _ in false })
      }
    }
  }

  @Test("the last fragment is shorter than the others by less than a byte per packet")
  func balanced() {
    var payloader = VP8Payloader(firstPictureID: 0)
    let fragments = Array(payloader.fragments(ofFrameWithLength: 2401, maximumPayloadSize: 1204))
    #expect(fragments.map(\.range.count) == [801, 801, 799])
  }

  @Test("the picture ID counts frames in fifteen bits and wraps")
  func pictureID() throws {
    var payloader = VP8Payloader(firstPictureID: 0x7FFE)
    var identifiers: [VP8PayloadDescriptor.PictureID?] = []
    for length in [2000, 10, 0, 3000] {
      let fragments = Array(payloader.fragments(ofFrameWithLength: length, maximumPayloadSize: 1000))
      identifiers += Set(try fragments.map { try Self.descriptor($0.payloadHeader).pictureID })
    }
    #expect(identifiers == [.init(0x7FFE), .init(0x7FFF), .init(0)])
    #expect(payloader.nextPictureID == 1)
  }
}
