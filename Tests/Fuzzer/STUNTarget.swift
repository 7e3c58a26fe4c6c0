import ICE
import NIOCore

extension FuzzTarget {
  /// A message that was read, and is written, reads as the same.
  static let stun = FuzzTarget("stun", seeds: seeds) { bytes in
    guard let message = try? STUNMessage(parsing: bytes) else { return }
    require(STUNMessage.looksLikeSTUN(bytes))
    _ = message.hasValidIntegrity(key: IntegrityKey(password: "secret"))
    _ = message.unknownComprehensionRequired
    let written = message.encoded(integrityKey: IntegrityKey(password: "secret"), fingerprint: true)
    // Text that is no UTF-8 becomes longer, and may become too long.
    guard written.readableBytes <= bytes.readableBytes + 32 else { return }
    guard let again = try? STUNMessage(parsing: written) else { fatalError("it does not read what it wrote") }
    require(again.hasFingerprint && again.hasValidIntegrity(key: IntegrityKey(password: "secret")))
    require(again.attributes == message.attributes && again.transactionID == message.transactionID)
    require(again.messageClass == message.messageClass && again.method == message.method)
  }

  /// A request and a response with every attribute.
  private static func seeds() -> [[UInt8]] {
    var input = FuzzInput(ByteBuffer(bytes: (0..<20).flatMap { [$0, 1, 2, 3, 4] }))
    let attributes = (0..<8).flatMap { _ in input.attributes() }
    let id = TransactionID(high: 1, low: 2)
    let error = STUNAttribute.errorCode(STUNErrorCode(420, "x"))
    return [
      STUNMessage(.request, .binding, transactionID: id, attributes: attributes),
      STUNMessage(.error, .allocate, transactionID: id, attributes: [error, .unknownAttributes([1, 2])]),
    ].flatMap { message in
      [message.encoded(), message.encoded(integrityKey: IntegrityKey(password: "secret"), fingerprint: true)]
    }.map(\.octets)
  }
}
