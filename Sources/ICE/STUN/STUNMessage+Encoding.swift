import NIOCore

extension STUNMessage {
  /// Encodes the message: its attributes, then MESSAGE-INTEGRITY if there is a key, then FINGERPRINT.
  ///
  /// - Precondition: the message fits into a datagram; texts from outside must have been limited before.
  package func encoded(integrityKey: IntegrityKey? = nil, fingerprint: Bool = false) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeMultipleIntegers(
      messageType, UInt16(0), Self.magicCookie, transactionID.high, transactionID.low)
    for attribute in attributes {
      buffer.writeAttribute(attribute, transactionID)
    }
    if let integrityKey {
      let code = Self.authenticationCode(of: buffer, key: integrityKey)
      buffer.writeMultipleIntegers(STUNAttribute.Code.messageIntegrity, UInt16(Self.integrityLength))
      buffer.writeBytes(code)
    }
    if fingerprint {
      buffer.setMessageLength(adding: Self.attributeHeaderLength + Self.fingerprintLength)
      let checksum = Self.fingerprint(of: buffer)
      buffer.writeMultipleIntegers(STUNAttribute.Code.fingerprint, UInt16(Self.fingerprintLength), checksum)
    }
    buffer.setMessageLength(adding: 0)
    return buffer
  }
}

extension ByteBuffer {
  fileprivate mutating func setMessageLength(adding pending: Int) {
    setInteger(UInt16(writerIndex - STUNMessage.headerLength + pending), at: 2)
  }

  fileprivate mutating func writeAttribute(_ attribute: STUNAttribute, _ id: TransactionID) {
    let start = writerIndex
    writeMultipleIntegers(attribute.type, UInt16(0))
    writeValue(of: attribute, id)
    let length = writerIndex - start - STUNMessage.attributeHeaderLength
    setInteger(UInt16(length), at: start + 2)
    writeRepeatingByte(0, count: (4 - length % 4) % 4)
  }

  private mutating func writeValue(of attribute: STUNAttribute, _ id: TransactionID) {
    switch attribute {
    case .mappedAddress(let address), .alternateServer(let address), .otherAddress(let address):
      writeSTUNAddress(address)
    case .xorMappedAddress(let address), .xorPeerAddress(let address), .xorRelayedAddress(let address):
      writeSTUNAddress(address, xor: id)
    case .username(let text), .realm(let text), .software(let text), .alternateDomain(let text):
      writeString(text)
    case .nonce(let bytes), .data(let bytes), .unknown(_, let bytes):
      writeImmutableBuffer(bytes)
    case .errorCode(let error):
      writeMultipleIntegers(UInt16(0), UInt8(error.code / 100), UInt8(error.code % 100))
      writeString(error.reason)
    case .unknownAttributes(let types):
      for type in types { writeInteger(type) }
    case .channelNumber(let number):
      writeMultipleIntegers(number, UInt16(0))
    case .lifetime(let value), .priority(let value):
      writeInteger(value)
    case .requestedAddressFamily(let family):
      writeMultipleIntegers(family.rawValue, UInt8(0), UInt16(0))
    case .requestedTransport(let transport):
      writeMultipleIntegers(transport, UInt8(0), UInt16(0))
    case .useCandidate:
      break
    case .iceControlled(let tieBreaker), .iceControlling(let tieBreaker):
      writeInteger(tieBreaker)
    }
  }
}
