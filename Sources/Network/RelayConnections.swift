import ICE
import NIOCore

/// The connections to TURN servers of one engine, from the request to the end.
struct RelayConnections {
  /// The connections without a channel yet.
  private var awaited: Set<LocalEndpoint> = []
  /// The connections that have a channel, on which TLS may still be set up.
  private var attached: [LocalEndpoint: any Channel] = [:]
  /// The connections that take data.
  private var opened: [LocalEndpoint: any Channel] = [:]

  /// The channel of a connection that takes data.
  subscript(endpoint: LocalEndpoint) -> (any Channel)? { opened[endpoint] }

  mutating func expect(_ endpoint: LocalEndpoint) { awaited.insert(endpoint) }

  /// False: the connection was given up meanwhile.
  mutating func attach(_ channel: any Channel, to endpoint: LocalEndpoint) -> Bool {
    guard awaited.remove(endpoint) != nil else { return false }
    attached[endpoint] = channel
    return true
  }

  /// False: there is no such connection.
  mutating func open(_ endpoint: LocalEndpoint) -> Bool {
    guard let channel = attached[endpoint] else { return false }
    opened[endpoint] = channel
    return true
  }

  /// It was closed, or could not be opened. False: there is no such connection any more.
  mutating func drop(_ endpoint: LocalEndpoint) -> Bool {
    opened[endpoint] = nil
    let wasAwaited = awaited.remove(endpoint) != nil
    return attached.removeValue(forKey: endpoint) != nil || wasAwaited
  }

  /// It is no longer wanted, be it open or not.
  ///
  /// - Returns: the channel to close. That tells of the end at once, and so must not happen while this is being changed.
  mutating func remove(_ endpoint: LocalEndpoint) -> (any Channel)? {
    awaited.remove(endpoint)
    opened[endpoint] = nil
    return attached.removeValue(forKey: endpoint)
  }

  /// - Returns: the channels to close.
  mutating func removeAll() -> [any Channel] {
    defer { self = RelayConnections() }
    return Array(attached.values)
  }
}
