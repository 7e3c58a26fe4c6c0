import ICE
import NIOCore

/// The last requests that were sent, so that they can be answered.
struct STUNRequests {
  struct Request {
    let message: STUNMessage
    let transmit: Transmit
  }

  private(set) var requests: [Request] = []
  private static let limit = 16

  mutating func note(_ transmit: Transmit) {
    guard let message = try? STUNMessage(parsing: transmit.payload), message.messageClass == .request else { return }
    requests.append(Request(message: message, transmit: transmit))
    if requests.count > Self.limit { requests.removeFirst() }
  }

  /// An answer that says what the input wants, but for what makes it believed: the transaction, and a signature by
  /// `key`.
  func answer(_ input: inout FuzzInput, key: (STUNMessage) -> IntegrityKey?) -> (ByteBuffer, to: Request)? {
    guard !requests.isEmpty else { return nil }
    let request = input.choice(of: requests.reversed())
    var attributes = input.attributes()
    let response: STUNMessage
    if input.flag() {
      attributes.insert(.xorMappedAddress(input.address()), at: 0)
      response = STUNMessage(
        .success, request.message.method, transactionID: request.message.transactionID, attributes: attributes)
    } else {
      response = STUNMessage(
        .error, request.message.method, transactionID: request.message.transactionID, attributes: attributes)
    }
    let isSigned = !input.flag()
    return (response.encoded(integrityKey: isSigned ? key(request.message) : nil, fingerprint: true), request)
  }
}
