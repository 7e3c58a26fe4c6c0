import ICE
import NIOCore

/// STUN messages that are well made, as an authenticated peer or server makes them, and say anything.
extension FuzzInput {
  mutating func address() -> SocketAddress {
    let isIPv6 = flag()
    let port = Int(integer(UInt16.self))
    let host = integer(UInt8.self)
    let text = isIPv6 ? "2001:db8::\(String(host, radix: 16))" : "198.51.100.\(host)"
    guard let address = try? SocketAddress(ipAddress: text, port: port) else { fatalError(text) }
    return address
  }

  mutating func attributes() -> [STUNAttribute] {
    (0..<integer(UInt8.self) % 8).map { _ in attribute() }
  }

  private mutating func attribute() -> STUNAttribute {
    switch integer(UInt8.self) % 20 {
    case 0: .mappedAddress(address())
    case 1: .username(text())
    case 2: .errorCode(STUNErrorCode(errorCode(), text()))
    case 3: .unknownAttributes([integer()])
    case 4: .channelNumber(integer())
    case 5: .lifetime(integer())
    case 6: .xorPeerAddress(address())
    case 7: .data(chunk())
    case 8: .realm(text())
    case 9: .nonce(chunk())
    case 10: .xorRelayedAddress(address())
    case 11: .xorMappedAddress(address())
    case 12: .priority(integer())
    case 13: .useCandidate
    case 14: .software(text())
    case 15: .alternateServer(address())
    case 16: .alternateDomain(text())
    case 17: .iceControlled(integer())
    case 18: .iceControlling(integer())
    default: .unknown(type: integer(), chunk())
    }
  }

  private mutating func errorCode() -> Int {
    choice(of: [300, 400, 401, 403, 420, 437, 438, 440, 441, 442, 443, 446, 447, 486, 487, 500, 508, 699])
  }

  mutating func text() -> String { String(buffer: chunk()) }
}
