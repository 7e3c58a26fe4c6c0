import NIOCore

/// Data from and to the peers: ChannelData (RFC 8656 section 12.4), and Send and Data indications (section 11).
extension TURNClient {
  /// Takes a datagram from `source`. It consumes the buffer, so that the payload is passed on without a copy.
  package mutating func receive(
    _ datagram: consuming ByteBuffer, from source: SocketAddress, now: NIODeadline
  ) -> Received {
    guard source == server, let first = datagram.getInteger(at: datagram.readerIndex, as: UInt8.self) else {
      return .notMine
    }
    // "values 64 to 79: … ChannelData" (RFC 7983 section 7)
    if (64...79).contains(first) { return receive(channelData: datagram) }
    guard STUNMessage.looksLikeSTUN(datagram) else { return .notMine }
    guard let message = try? STUNMessage(parsing: datagram) else { return drop() }
    switch message.messageClass {
    case .success, .error:
      return receive(response: message, now: now)
    case .indication where message.method == .data:
      return receive(dataIndication: message)
    case .indication, .request:
      return .notMine
    }
  }

  /// Frames a payload to the peer as a message to the server; returns false, and leaves the payload unchanged, while
  /// there is no permission.
  ///
  /// Over a channel the header is written in place if there are four bytes before the reader index. Over a stream,
  /// padding follows the payload; "over UDP, the padding is not required", and some servers would take it for data.
  package mutating func frame(_ payload: inout ByteBuffer, to peer: SocketAddress, now: NIODeadline) -> Bool {
    if let index = channels.index(of: peer), let expiresAt = channels[index].expiresAt, now < expiresAt {
      guard let length = UInt16(exactly: payload.readableBytes) else { return false }
      payload.writeChannelDataHeader(channels[index].number, length: length)
      if relayProtocol.isStream { payload.writeRepeatingByte(0, count: ChannelBinding.padding(length: Int(length))) }
      return true
    }
    guard
      let index = permissionIndex(of: peer), let expiresAt = permissions[index].expiresAt, now < expiresAt,
      peer.port != 0,
      payload.readableBytes <= Self.maximumIndicationPayload
    else { return false }
    let indication = STUNMessage(
      .indication, .send, transactionID: TransactionID(using: &generator),
      attributes: [.xorPeerAddress(peer), .data(payload)])
    payload = indication.encoded()
    return true
  }

  /// The largest payload in bytes that fits into a datagram with the header and XOR-PEER-ADDRESS.
  private static let maximumIndicationPayload = 65_000

  private mutating func receive(channelData datagram: consuming ByteBuffer) -> Received {
    guard
      let number = datagram.readInteger(as: UInt16.self), let length = datagram.readInteger(as: UInt16.self),
      // Data may arrive before the response to the ChannelBind, so that a requested channel is sufficient.
      case .allocated = state, let index = channels.index(of: number), channels[index].isBelieved,
      Int(length) <= datagram.readableBytes
    else { return drop() }
    datagram.moveWriterIndex(to: datagram.readerIndex + Int(length))
    return .relayed(datagram, from: channels[index].peer)
  }

  private mutating func receive(dataIndication message: STUNMessage) -> Received {
    guard
      case .allocated = state, let peer = message.xorPeerAddress, let data = message.data, isExpected(peer)
    else { return drop() }
    return .relayed(data, from: peer)
  }

  /// "the client SHOULD also check that the XOR-PEER-ADDRESS … contains an IP address with which the client believes
  /// there is an active permission" (RFC 8656 section 11.4).
  private func isExpected(_ peer: SocketAddress) -> Bool {
    let address = peer.withoutPort
    return permissions.contains { $0.address == address }
      || channels.contains { $0.isRequested && $0.peer.withoutPort == address }
  }

  private mutating func drop() -> Received {
    statistics.datagramsDropped += 1
    return .consumed
  }
}

extension ByteBuffer {
  /// Writes the header before the readable bytes, in place if there is room.
  fileprivate mutating func writeChannelDataHeader(_ number: UInt16, length: UInt16) {
    if readerIndex < ChannelBinding.headerLength {
      var framed = ByteBuffer()
      framed.reserveCapacity(ChannelBinding.headerLength + readableBytes)
      framed.moveWriterIndex(to: ChannelBinding.headerLength)
      framed.moveReaderIndex(to: ChannelBinding.headerLength)
      framed.writeImmutableBuffer(self)
      self = framed
    }
    moveReaderIndex(to: readerIndex - ChannelBinding.headerLength)
    setInteger(number, at: readerIndex)
    setInteger(length, at: readerIndex + 2)
  }
}
