import ICE
import NIOCore

/// A STUN server with two IP addresses and two ports, as RFC 5780 section 6 wants it, or one that lacks something.
package final class TestSTUNServer: VirtualHost {
  /// What it does with Binding requests.
  package enum Manner: Sendable {
    case complete
    /// As servers that were never told of RFC 5780: no OTHER-ADDRESS.
    case plain
    /// Has OTHER-ADDRESS, and answers from where it was asked whatever CHANGE-REQUEST says.
    case ignoresChangeRequest
    /// Has OTHER-ADDRESS, but nothing comes from there.
    case isSilentElsewhere
    case rejects(STUNErrorCode)
    /// Whoever asks from wherever.
    case tells(SocketAddress)
  }

  package let address: SocketAddress
  package let other: SocketAddress
  private let manner: Manner
  /// Where requests came to, in order.
  package private(set) var requests: [SocketAddress] = []
  private var outgoing = CircularBuffer<Transmit>()

  /// By endpoint number: the IP address is bit 1, the port bit 0.
  private func address(_ endpoint: LocalEndpoint) -> SocketAddress {
    var address = endpoint.id & 2 == 0 ? self.address : other
    address.port = endpoint.id & 1 == 0 ? self.address.port : other.port
    return address
  }

  package init(_ address: SocketAddress, other: SocketAddress, _ manner: Manner = .complete, on network: VirtualNetwork)
  {
    self.address = address
    self.other = other
    self.manner = manner
    for id in 0..<UInt32(4) {
      let endpoint = LocalEndpoint(id: id)
      network.bind(self.address(endpoint), endpoint, of: self, in: VirtualNetwork.internet)
    }
  }

  package func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) {
    guard let request = try? STUNMessage(parsing: datagram), request.messageClass == .request else { return }
    requests.append(address(endpoint))
    var response = STUNMessage(
      .success, .binding, transactionID: request.transactionID, attributes: [.xorMappedAddress(source)])
    var responder = endpoint
    switch manner {
    case .plain: break
    case .tells(let mapped): response.attributes = [.xorMappedAddress(mapped)]
    case .rejects(let error):
      response.messageClass = .error
      response.attributes = [.errorCode(error)]
    case .complete, .ignoresChangeRequest, .isSilentElsewhere:
      response.attributes.append(.otherAddress(other))
    }
    if case .complete = manner { responder = LocalEndpoint(id: endpoint.id ^ Self.change(request)) }
    if case .isSilentElsewhere = manner {
      guard endpoint.id == 0, Self.change(request) == 0 else { return }
    }
    outgoing.append(Transmit(endpoint: responder, remote: source, payload: response.encoded()))
  }

  /// CHANGE-REQUEST (RFC 5780 section 7.2): 4 is "change IP", 2 "change port".
  private static func change(_ request: STUNMessage) -> UInt32 {
    for attribute in request.attributes {
      guard case .unknown(type: 0x0003, let value) = attribute, let flags = value.getInteger(at: 0, as: UInt32.self)
      else { continue }
      return (flags & 4) >> 1 | (flags & 2) >> 1
    }
    return 0
  }

  package func handleTimeout(now: NIODeadline) {}
  package func pollTransmit() -> Transmit? { outgoing.popFirst() }
  package var deadline: NIODeadline? { nil }
}
