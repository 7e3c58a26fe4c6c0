import NIOCore

extension STUNAttribute {
  /// The greatest length in bytes of REALM, NONCE, SOFTWARE and the reason phrase: "It MUST be … less than 128
  /// characters (which can be as long as 509 bytes when encoding them and 763 bytes when decoding them)". A USERNAME is
  /// shorter.
  static let maximumTextLength = 763

  /// Reads the value of an attribute, given without its padding.
  ///
  /// - Throws: `STUNError.malformedAttribute`.
  init(type: UInt16, value: ByteBuffer, transactionID: TransactionID) throws(STUNError) {
    var value = value
    guard let attribute = Self.parse(type, &value, transactionID) else { throw .malformedAttribute(type: type) }
    self = attribute
  }

  private static func parse(_ type: UInt16, _ value: inout ByteBuffer, _ id: TransactionID) -> STUNAttribute? {
    switch type {
    case Code.mappedAddress: value.readSTUNAddress().map(mappedAddress)
    case Code.username: text(&value).map(username)
    case Code.errorCode: readErrorCode(&value).map(errorCode)
    case Code.unknownAttributes: readTypes(&value).map(unknownAttributes)
    // "The CHANNEL-NUMBER attribute … a 16-bit unsigned integer followed by a two-octet RFFU"
    case Code.channelNumber: exactly(4, value).flatMap { $0.getInteger(at: 0) }.map(channelNumber)
    case Code.lifetime: integer(value).map(lifetime)
    case Code.xorPeerAddress: value.readSTUNAddress(xor: id).map(xorPeerAddress)
    case Code.data: .data(value)
    case Code.realm: text(&value).map(realm)
    case Code.nonce: value.readableBytes <= maximumTextLength ? .nonce(value) : nil
    case Code.xorRelayedAddress: value.readSTUNAddress(xor: id).map(xorRelayedAddress)
    case Code.requestedAddressFamily:
      exactly(4, value).flatMap { $0.getInteger(at: 0) }.flatMap(STUNAddressFamily.init).map(requestedAddressFamily)
    case Code.requestedTransport: exactly(4, value).flatMap { $0.getInteger(at: 0) }.map(requestedTransport)
    case Code.xorMappedAddress: value.readSTUNAddress(xor: id).map(xorMappedAddress)
    case Code.priority: integer(value).map(priority)
    case Code.useCandidate: value.readableBytes == 0 ? .useCandidate : nil
    case Code.software: text(&value).map(software)
    case Code.alternateDomain: text(&value).map(alternateDomain)
    case Code.alternateServer: value.readSTUNAddress().map(alternateServer)
    case Code.iceControlled: integer(value).map(iceControlled)
    case Code.iceControlling: integer(value).map(iceControlling)
    case Code.otherAddress: value.readSTUNAddress().map(otherAddress)
    default: .unknown(type: type, value)
    }
  }

  private static func exactly(_ length: Int, _ value: ByteBuffer) -> ByteBuffer? {
    value.readableBytes == length ? value : nil
  }

  /// Reads a value that consists of exactly one integer.
  private static func integer<Value: FixedWidthInteger>(_ value: ByteBuffer) -> Value? {
    exactly(MemoryLayout<Value>.size, value)?.getInteger(at: 0)
  }

  private static func text(_ value: inout ByteBuffer) -> String? {
    guard value.readableBytes <= maximumTextLength else { return nil }
    return String(buffer: value)
  }

  /// Reads an ERROR-CODE: two octets of zero, the class (3 to 6), the number (0 to 99) and the reason phrase. Servers
  /// omit the phrase or end it with NULs. Since it is shown to users, control characters are removed, which must not
  /// reach a terminal.
  private static func readErrorCode(_ value: inout ByteBuffer) -> STUNErrorCode? {
    guard
      value.readInteger(as: UInt16.self) != nil,
      let hundreds = value.readInteger(as: UInt8.self).map({ $0 & 0x07 }), (3...6).contains(hundreds),
      let number = value.readInteger(as: UInt8.self), number <= 99,
      let reason = text(&value)
    else { return nil }
    let printable = reason.unicodeScalars.filter { $0.properties.generalCategory != .control }
    return STUNErrorCode(Int(hundreds) * 100 + Int(number), String(String.UnicodeScalarView(printable)))
  }

  private static func readTypes(_ value: inout ByteBuffer) -> [UInt16]? {
    guard value.readableBytes % 2 == 0 else { return nil }
    return (0..<value.readableBytes / 2).compactMap { _ in value.readInteger() }
  }
}
