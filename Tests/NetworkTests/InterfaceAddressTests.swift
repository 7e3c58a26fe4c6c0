import CNetlink
import Glibc
import NIOCore
import TestSupport
import Testing

@testable import Network

@Suite("Addresses of interfaces, as the kernel lists them")
struct InterfaceAddressTests {
  /// The answer to RTM_GETADDR (Linux 6.18, amd64) after `ip addr add 192.0.2.7 peer 192.0.2.8 dev lo`,
  /// `ip -6 addr add 2001:db8:0:2::1/64 dev lo preferred_lft 0 valid_lft 1000`, a temporary address of 2001:db8:0:1::/64
  /// and its stable one, and fd00:0:0:1::1/64 on veth whose duplicate address detection was under way.
  private static let recorded = [
    "4c0000001400020001000000bc520000020880fe01000000080001007f000001080002007f000001070003006c6f0000"
      + "080008008000000014000600ffffffffffffffff4fb917004fb91700",
    "4c0000001400020001000000bc5200000220800001000000"
      + "08000100c000020808000200c0000207070003006c6f0000080008008000000014000600ffffffffffffffff50b9170050b91700",
    "480000001400020001000000bc5200000a4020000100000014000100"
      + "20010db80000000200000000000000011400060000000000e803000052b9170052b917000800080020000000",
    "480000001400020001000000bc5200000a4001000100000014000100"
      + "20010db80000000142fa2f2e810fa1bf1400060035510100803a090050b9170050b917000800080001000000",
    "480000001400020001000000bc5200000a4080000100000014000100"
      + "20010db8000000010000000000000001" + "14000600ffffffffffffffff50b9170050b917000800080080010000",
    "500000001400020001000000bc5200000a8080fe0100000014000100"
      + "00000000000000000000000000000001" + "14000600ffffffffffffffff4fb917004fb91700080008008000000005000b0001000000",
    "480000001400020001000000bc5200000a40c0000300000014000100"
      + "fd000000000000010000000000000001" + "14000600ffffffffffffffff58b9170058b9170008000800c0000000",
  ]
  private static let done = "140000000300020001000000bc52000000000000"

  private func addresses(_ datagrams: [String]) throws -> [InterfaceAddress] {
    var answer = InterfaceAddress.Answer()
    for datagram in datagrams { try answer.receive(ByteBuffer(hex: datagram)) }
    #expect(answer.isComplete)
    return answer.addresses
  }

  private static func address(
    _ text: String, interface: UInt32 = 1, _ flags: InterfaceAddress.Flags
  ) throws -> InterfaceAddress {
    InterfaceAddress(interface: interface, address: try SocketAddress(ipAddress: text, port: 0), flags: flags)
  }

  /// IFA_F_PERMANENT and IFA_F_MANAGETEMPADDR, which nothing depends on.
  private static let permanent = InterfaceAddress.Flags(rawValue: 0x80)
  private static let managesTemporary = InterfaceAddress.Flags(rawValue: 0x100)

  @Test("an answer as recorded, in one datagram or in several")
  func recordedAnswer() throws {
    let expected = [
      try Self.address("127.0.0.1", Self.permanent), try Self.address("192.0.2.7", Self.permanent),
      try Self.address("2001:db8:0:2::1", .deprecated),
      try Self.address("2001:db8:0:1:42fa:2f2e:810f:a1bf", .temporary),
      try Self.address("2001:db8:0:1::1", [Self.permanent, Self.managesTemporary]),
      try Self.address("::1", Self.permanent),
      try Self.address("fd00:0:0:1::1", interface: 3, [Self.permanent, .tentative]),
    ]
    #expect(try addresses(Self.recorded + [Self.done]) == expected)
    #expect(try addresses([Self.recorded.joined() + Self.done]) == expected)
    #expect(try addresses([Self.recorded.joined(), "", Self.done + Self.recorded.joined()]) == expected)
    let offered = HostInterfaces.offered(of: expected).map(\.address.ipAddress)
    #expect(offered == ["127.0.0.1", "192.0.2.7", "2001:db8:0:1:42fa:2f2e:810f:a1bf", "::1"])
  }

  @Test("an address that is cut short or odd costs itself alone")
  func oddAddresses() throws {
    let header = "14000200" + "01000000bc520000"
    let odd = [
      // No struct ifaddrmsg; no attribute; one of family 99; IPv4 of three bytes; an attribute that is longer than the
      // message, one of length 0, and half a header before the padding.
      "10000000" + header, "18000000" + header + "0a40800001000000",
      "20000000" + header + "6340800001000000" + "08000100c0000207",
      "20000000" + header + "0220800001000000" + "07000100c0000200",
      "20000000" + header + "0220800001000000" + "09000100c0000207",
      "20000000" + header + "0220800001000000" + "00000100c0000207",
      "22000000" + header + "0220800001000000" + "08000100c0000207" + "08000000",
    ]
    #expect(try addresses([odd.joined() + Self.recorded[1] + Self.done]).map(\.address.ipAddress) == ["192.0.2.7"])
    let errors: [NetlinkError] = [
      .truncatedAddress, .noAddress, .noAddress, .noAddress, .badAttributeLength(9), .badAttributeLength(0),
      .truncatedAttribute,
    ]
    for (message, error) in zip(odd, errors) {
      guard case .newAddress(let body) = try NetlinkMessage.parse(ByteBuffer(hex: message)).first else {
        Issue.record("\(message)")
        continue
      }
      #expect(throws: error) { try InterfaceAddress(parsing: body) }
    }
  }

  @Test("an answer that the kernel refuses or that cannot be read is none")
  func refused() throws {
    var answer = InterfaceAddress.Answer()
    // NLMSG_ERROR with -EPERM, without a number, and a datagram that is cut short.
    for (datagram, code) in [
      ("14000000020000000100000000000000ffffffff", EPERM), ("10000000020000000100000000000000", EPROTO),
      (String(Self.recorded[0].dropLast(2)), EPROTO),
    ] {
      let error = #expect(throws: IOError.self) { try answer.receive(ByteBuffer(hex: datagram)) }
      #expect(error?.errnoCode == code)
    }
    #expect(!answer.isComplete)
  }

  /// A socket over which processes may send to each other without privileges, with its address.
  private static func makeSocket() throws -> (descriptor: CInt, address: sockaddr_nl) {
    let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), NETLINK_USERSOCK)
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
    let status = withUnsafeMutableBytes(of: &address) { bytes in
      let generic = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      return bind(descriptor, generic, length) | getsockname(descriptor, generic, &length)
    }
    try #require(status == 0)
    return (descriptor, address)
  }

  @Test("what another process sends is no answer of the kernel, and is not read")
  func otherProcess() throws {
    let (reader, other) = (try Self.makeSocket(), try Self.makeSocket())
    defer { for socket in [reader, other] { close(socket.descriptor) } }
    let forged = ByteBuffer(hex: Self.recorded[1] + Self.done)
    var address = reader.address
    let count = withUnsafeBytes(of: &address) { bytes in
      forged.withUnsafeReadableBytes {
        sendto(
          other.descriptor, $0.baseAddress, $0.count, 0,
          bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
      }
    }
    try #require(count == forged.readableBytes)
    #expect(try InterfaceAddress.readDatagram(from: reader.descriptor).readableBytes == 0)
  }

  @Test("random bodies are read, or refused")
  func noise() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<2_000 {
      let length = Int.random(in: 0...60, using: &generator)
      let body = ByteBuffer(bytes: (0..<length).map { _ in UInt8.random(in: 0...20, using: &generator) })
      if let address = try? InterfaceAddress(parsing: body) { #expect(address.address.ipAddress != nil) }
    }
  }
}
