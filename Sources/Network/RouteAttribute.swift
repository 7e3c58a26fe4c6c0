import CNetlink
import NIOCore

/// One attribute of an rtnetlink message (rtnetlink(7): struct rtattr).
struct RouteAttribute {
  let type: UInt16
  let value: ByteBuffer

  /// nil: there is no further one.
  init?(readingFrom body: inout ByteBuffer) throws(NetlinkError) {
    guard body.readableBytes > 0 else { return nil }
    guard let (length, type) = body.readMultipleIntegers(endianness: .host, as: (UInt16, UInt16).self) else {
      throw .truncatedAttribute
    }
    guard let value = body.readSlice(length: Int(length) - MemoryLayout<rtattr>.size) else {
      throw .badAttributeLength(length)
    }
    self.type = type
    self.value = value
    // "RTA_ALIGN": to four bytes, which need not be there after the last.
    body.moveReaderIndex(forwardBy: min((4 - Int(length) % 4) % 4, body.readableBytes))
  }
}
