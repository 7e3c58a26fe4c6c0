import NIOCore

@testable import SRTP

/// Two associations and the wire between them, which may lose or change datagrams.
final class DTLSWire {
  struct End {
    let association: DTLSAssociation
    /// Datagrams it has sent.
    var sent = 0
    var keys: SRTPKeyingMaterial?
    var failure: DTLSError?
    var isClosed = false

    var isSettled: Bool { keys != nil || failure != nil || isClosed }
  }

  /// Takes the sender, the number of the datagram among what it has sent (from 0) and the datagram; nil loses it.
  typealias Path = (DTLSRole, Int, ByteBuffer) -> ByteBuffer?

  /// Nothing is repeated unless a test wants it.
  static let patient = DTLSRetransmission(initial: .seconds(60), maximum: .seconds(60))
  /// OpenSSL rounds what is below 15 ms down to nothing, so that this is over within a millisecond.
  static let impatient = DTLSRetransmission(initial: .milliseconds(16), maximum: .milliseconds(16))

  var client: End
  var server: End

  init(_ client: DTLSAssociation, _ server: DTLSAssociation) {
    self.client = End(association: client)
    self.server = End(association: server)
  }

  /// Two ends that know each other's fingerprint.
  convenience init(
    clientProfiles: [SRTPProfile] = SRTPProfile.preferred,
    serverProfiles: [SRTPProfile] = SRTPProfile.preferred,
    retransmission: DTLSRetransmission = patient
  ) throws {
    let (one, other) = (try Certificate(), try Certificate())
    self.init(
      try DTLSAssociation(
        role: .active, certificate: one, remoteFingerprints: [other.fingerprint], profiles: clientProfiles,
        retransmission: retransmission),
      try DTLSAssociation(
        role: .passive, certificate: other, remoteFingerprints: [one.fingerprint], profiles: serverProfiles,
        retransmission: retransmission))
  }

  /// Starts both ends and carries datagrams, and time with them, until both are settled or time is up.
  func run(for limit: TimeAmount = .seconds(10), path: Path = { _, _, datagram in datagram }) {
    let end = NIODeadline.now() + limit
    client.association.start(now: .now())
    server.association.start(now: .now())
    carry(path)
    while !(client.isSettled && server.isSettled), NIODeadline.now() < end,
      client.association.deadline != nil || server.association.deadline != nil
    {
      let now = NIODeadline.now()
      for association in [client.association, server.association] {
        if let deadline = association.deadline, deadline <= now { association.handleTimeout(now: now) }
      }
      carry(path)
    }
  }

  /// Carries datagrams until nobody has any.
  func carry(_ path: Path = { _, _, datagram in datagram }) {
    while Self.carry(from: &client, to: &server, path) || Self.carry(from: &server, to: &client, path) {}
  }

  private static func carry(from sender: inout End, to receiver: inout End, _ path: Path) -> Bool {
    var hasCarried = false
    while let datagram = sender.association.pollTransmit() {
      hasCarried = true
      let number = sender.sent
      sender.sent += 1
      guard let arriving = path(sender.association.role, number, datagram) else { continue }
      receiver.association.receive(arriving, now: .now())
    }
    note(&sender)
    note(&receiver)
    return hasCarried
  }

  private static func note(_ end: inout End) {
    while let event = end.association.pollEvent() {
      precondition(end.failure == nil && !end.isClosed, "an event after the last")
      switch event {
      case .connected(let keys):
        precondition(end.keys == nil, "connected twice")
        end.keys = keys
      case .failed(let error): end.failure = error
      case .closed: end.isClosed = true
      }
    }
  }
}

extension SecretBytes {
  var bytes: [UInt8] { withUnsafeMutableBytes { Array($0) } }
}
