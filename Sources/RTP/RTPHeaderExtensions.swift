import NIOCore

/// The elements of a header extension in the one-byte form (RFC 8285 section 4.2). They are stored in sixteen octets of
/// the header value itself, so that a packet with elements costs no allocation.
package struct RTPHeaderExtensions: Hashable, Sendable {
  /// "the first 16 bits MUST have the value 0xBEDE"
  private static let profile: UInt16 = 0xBEDE
  /// The length of the profile and the length field before the elements, in bytes (RFC 3550 section 5.3.1).
  private static let prefixLength = 4
  private static let capacity = MemoryLayout<UInt128>.size
  private static let maximumValueLength = MemoryLayout<UInt64>.size

  /// The elements in network byte order, from the most significant byte on; the zeroes behind them are padding.
  private var octets: UInt128 = 0
  private var usedLength: UInt8 = 0

  package init() {}

  /// Adds an element whose value is a number.
  ///
  /// - Parameters:
  ///   - id: the negotiated identifier (`extmap`), 1...14.
  ///   - length: the length of the value in octets, 1...8.
  package mutating func append(id: UInt8, value: UInt64, length: Int) {
    precondition((1...14).contains(id), "in the one-byte form 0 is padding and 15 is reserved")
    precondition((1...Self.maximumValueLength).contains(length), "a value has one to eight octets")
    precondition(Int(usedLength) + 1 + length <= Self.capacity, "elements have sixteen octets together")
    put(UInt64(id << 4 | UInt8(length - 1)), length: 1)
    put(value, length: length)
  }

  /// The value of the first element with this identifier, as a number.
  package subscript(id: UInt8) -> UInt64? {
    var position = 0
    while position < Int(usedLength) {
      let first = UInt8(truncatingIfNeeded: number(at: position, length: 1))
      let length = Int(first & 0x0F) + 1
      if first >> 4 == id { return number(at: position + 1, length: length) }
      position += 1 + length
    }
    return nil
  }

  /// The length of the extension in bytes, with prefix and padding; 0 where there are no elements, since the header
  /// extension is left out then.
  package var encodedLength: Int {
    usedLength == 0 ? 0 : Self.prefixLength + paddedLength
  }

  /// Reads the elements of `block` if the profile is that of the one-byte form. Elements longer than eight octets, and
  /// those that no longer fit, are left out: a packet can be used without its extension (RFC 3550 section 5.3.1).
  init(parsing block: ByteBuffer, profile: UInt16) {
    guard profile == Self.profile else { return }
    var block = block
    while let first: UInt8 = block.readInteger() {
      if first == 0 { continue }
      // "processing of the entire extension MUST terminate at that point"
      guard (1...14).contains(first >> 4), let value = block.readSlice(length: Int(first & 0x0F) + 1) else { return }
      let length = value.readableBytes
      guard length <= Self.maximumValueLength, Int(usedLength) + 1 + length <= Self.capacity else { continue }
      append(id: first >> 4, value: value.readableBytesView.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, length: length)
    }
  }

  func write(to packet: inout ByteBuffer) {
    guard usedLength > 0 else { return }
    packet.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.prefixLength + Self.capacity) { bytes in
      bytes.storeBytes(of: Self.profile.bigEndian, as: UInt16.self)
      bytes.storeBytes(of: UInt16(paddedLength / 4).bigEndian, toByteOffset: 2, as: UInt16.self)
      bytes.storeBytes(of: octets.bigEndian, toByteOffset: Self.prefixLength, as: UInt128.self)
      return encodedLength
    }
  }

  private var paddedLength: Int { (Int(usedLength) + 3) & ~3 }

  private mutating func put(_ value: UInt64, length: Int) {
    let kept = UInt128(value) & ((1 << (8 * UInt128(length))) - 1)
    octets |= kept << (8 * UInt128(Self.capacity - Int(usedLength) - length))
    usedLength += UInt8(length)
  }

  private func number(at position: Int, length: Int) -> UInt64 {
    UInt64(truncatingIfNeeded: octets >> (8 * UInt128(Self.capacity - position - length)))
      & (length == Self.maximumValueLength ? .max : (1 << (8 * UInt64(length))) - 1)
  }
}
