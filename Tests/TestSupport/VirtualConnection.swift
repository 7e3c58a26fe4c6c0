import ICE
import NIOCore

/// A byte stream between a host and a TURN server.
package struct VirtualConnection {
  package enum Outcome: Sendable {
    case accepted
    case refused
    /// Nobody answers.
    case ignored
  }

  enum Event {
    case opened
    case bytesForServer(ByteBuffer)
    case bytesForHost(ByteBuffer)
    case closedByHost
    case closedByServer(String)
  }

  let number: Int
  let host: any VirtualHost
  package let endpoint: LocalEndpoint
  /// As the server sees it.
  package let client: SocketAddress
  package let server: SocketAddress
  /// How the streams are cut at their other ends.
  var serverDecoder = TURNStreamDecoder()
  var hostDecoder = TURNStreamDecoder()
}

extension VirtualNetwork {
  /// As a server that is stopped does; its allocations end with the connections.
  package func closeConnections() {
    for connection in connections { schedule(.closedByServer("the server closed the connection"), connection.number) }
  }

  func perform(_ request: ConnectionRequest, of host: any VirtualHost) {
    connectionRequests.append(request)
    switch request {
    case .connect(let endpoint, let server, let serverName):
      guard
        let socket = sockets.first(where: { $0.host === host && $0.endpoint == endpoint.socket }),
        let client = try? SocketAddress(
          ipAddress: nats[socket.realm]?.address ?? socket.address.ipAddress ?? "", port: 60_000 + connectionCount)
      else { return }
      let connection = VirtualConnection(
        number: connectionCount, host: host, endpoint: endpoint, client: client, server: server)
      connectionCount += 1
      connections.append(connection)
      let isThere = turnServers.contains { $0.address == server }
      // SYN and SYN-ACK, and two round trips of TLS 1.2.
      let trips = serverName == nil ? 2 : 6
      switch isThere ? connectionOutcome(server) : .ignored {
      case .accepted: schedule(.opened, connection.number, trips: trips)
      case .refused: schedule(.closedByServer("connection refused"), connection.number, trips: 2)
      case .ignored: break
      }
    case .disconnect(let endpoint):
      guard let connection = connections.first(where: { $0.host === host && $0.endpoint == endpoint }) else { return }
      schedule(.closedByHost, connection.number)
    }
  }

  func write(_ transmit: Transmit, of host: any VirtualHost) {
    guard let connection = connections.first(where: { $0.host === host && $0.endpoint == transmit.endpoint }) else {
      return
    }
    schedule(.bytesForServer(transmit.payload), connection.number)
  }

  /// A message of the server, ChannelData padded as a stream wants it (RFC 8656 section 12.5).
  func writeToHost(_ message: ByteBuffer, _ index: Int) {
    var bytes = message
    if message.getInteger(at: message.readerIndex, as: UInt8.self).map({ $0 >= 64 }) == true {
      while bytes.readableBytes % 4 != 0 { bytes.writeInteger(UInt8(0xAA)) }
    }
    schedule(.bytesForHost(bytes), connections[index].number)
  }

  private func schedule(_ event: VirtualConnection.Event, _ connection: Int, trips: Int = 1) {
    connectionEvents.append((now + conditions.delay * trips, connection, event))
  }

  func deliverToConnections() {
    let due = connectionEvents.filter { $0.at <= now }
    connectionEvents.removeAll { $0.at <= now }
    for (_, number, event) in due {
      guard let index = connections.firstIndex(where: { $0.number == number }) else { continue }
      let connection = connections[index]
      switch event {
      case .opened:
        connection.host.connected(connection.endpoint, now: now)
      case .bytesForServer(let bytes):
        deliver(bytes, toServerOf: index)
      case .bytesForHost(let bytes):
        deliver(bytes, toHostOf: index)
      case .closedByHost:
        end(index)
      case .closedByServer(let reason):
        end(index)
        connection.host.disconnected(connection.endpoint, reason: reason, now: now)
      }
    }
  }

  private func end(_ index: Int) {
    let connection = connections.remove(at: index)
    for server in turnServers.indices { turnServers[server].connectionClosed(connection.client) }
  }

  private func deliver(_ bytes: ByteBuffer, toServerOf index: Int) {
    let connection = connections[index]
    guard let server = turnServers.firstIndex(where: { $0.address == connection.server }) else { return }
    do {
      for piece in bytes.pieces {
        connections[index].serverDecoder.append(piece)
        while let message = try connections[index].serverDecoder.next() {
          turnServers[server].receive(
            .init(source: connection.client, destination: connection.server, payload: message), now: now)
        }
      }
    } catch {
      schedule(.closedByServer("the server cannot read this stream"), connection.number)
    }
    takeTransmits(ofServer: server)
  }

  /// As the driver does: whole messages for the engine, and the end of a stream that has none.
  private func deliver(_ bytes: ByteBuffer, toHostOf index: Int) {
    let connection = connections[index]
    do {
      for piece in bytes.pieces {
        connections[index].hostDecoder.append(piece)
        while let message = try connections[index].hostDecoder.next() {
          connection.host.receive(message, from: connection.server, on: connection.endpoint, now: now)
        }
      }
    } catch {
      schedule(.closedByServer("\(error)"), connection.number, trips: 0)
    }
  }
}

extension ByteBuffer {
  /// Streams keep no boundaries: an odd beginning, then the rest.
  fileprivate var pieces: [ByteBuffer] {
    let first = getSlice(at: readerIndex, length: min(3, readableBytes)) ?? self
    return [
      first, getSlice(at: readerIndex + first.readableBytes, length: readableBytes - first.readableBytes) ?? self,
    ]
  }
}

extension TimeAmount {
  fileprivate static func * (amount: TimeAmount, count: Int) -> TimeAmount {
    .nanoseconds(amount.nanoseconds * Int64(count))
  }
}
