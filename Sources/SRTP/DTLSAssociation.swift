import COpenSSL
import NIOCore

/// The DTLS 1.2 association of one transport, which keys its SRTP (RFC 5763, RFC 5764, RFC 6347).
///
/// The peer is whoever holds a certificate with a fingerprint that the signalling told; its chain, names and dates mean
/// nothing. It is bound to one event loop.
///
/// One exception to the rule that engines read no clock: OpenSSL times its retransmissions by the system's. `deadline`
/// is what it says is left, counted from `now:`.
package final class DTLSAssociation {
  package enum Event {
    /// The peer is who it should be, and these keys are known to nobody else. At most once.
    case connected(SRTPKeyingMaterial)
    /// The last event.
    case failed(DTLSError)
    /// The peer has closed the association. The last event.
    case closed
  }

  enum State {
    case handshaking
    case connected
    case closed
  }

  package let role: DTLSRole
  package private(set) var deadline: NIODeadline?
  /// Datagrams that were no DTLS, came too late or found no room, and application data, for which there is no use.
  package var dropped: Int { discarded + bio.dropped }

  let ssl: OpaquePointer
  let remoteFingerprints: [Fingerprint]
  let retransmission: DTLSRetransmission
  /// Of the flight that waits for an answer.
  var repetition = 0
  var isPeerAuthentic: Bool?
  private let bio: DatagramBIO
  private var state = State.handshaking
  private var events = CircularBuffer<Event>(initialCapacity: 2)
  private var discarded = 0
  private var lastFlight: DTLSLastFlight?

  /// - Parameters:
  ///   - remoteFingerprints: of which the peer's certificate must have one.
  ///   - profiles: most preferred first.
  /// - Throws: `noFingerprint`, `library`.
  package init(
    role: DTLSRole,
    certificate: Certificate,
    remoteFingerprints: [Fingerprint],
    profiles: [SRTPProfile] = SRTPProfile.preferred,
    retransmission: DTLSRetransmission = DTLSRetransmission()
  ) throws(DTLSError) {
    guard !remoteFingerprints.isEmpty else { throw .noFingerprint }
    bio = try DatagramBIO()
    do {
      ssl = try Self.makeSSL(role: role, certificate: certificate, profiles: profiles)
    } catch {
      BIO_free(bio.bio)
      throw error
    }
    self.role = role
    self.remoteFingerprints = remoteFingerprints
    self.retransmission = retransmission
    SSL_set_bio(ssl, bio.bio, bio.bio)
    SSL_set_ex_data(ssl, Self.exDataIndex, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    SSL_free(ssl)
  }

  /// Sends the ClientHello, if that is our part.
  package func start(now: NIODeadline) {
    advance(now: now)
  }

  package func receive(_ datagram: ByteBuffer, now: NIODeadline) {
    // RFC 6347 section 4.1.2.7 has invalid records dropped in silence. OpenSSL 3.0 does, but for those that are too short to
    // be decrypted, at which it ends the association on some processors: one forged datagram would end the call.
    guard state != .closed, PacketKind(of: datagram) == .dtls,
      !DTLSRecord.isForged(in: datagram, overhead: recordOverhead)
    else {
      discarded += 1
      return
    }
    bio.incoming = datagram
    advance(now: now)
    // What OpenSSL left unread must not be taken for the next datagram.
    bio.incoming = nil
  }

  /// Sends our flight again when its time has come.
  package func handleTimeout(now: NIODeadline) {
    switch state {
    case .handshaking:
      ERR_clear_error()
      if shim_DTLSv1_handle_timeout(ssl) < 0 { fail(.lastHandshakeError) }
    case .connected:
      lastFlight?.handleTimeout(now: now) { bio.push($0) }
    case .closed:
      return
    }
    updateDeadline(now: now)
  }

  /// The peer has proved that it has our last flight: it sent what only the keys protect.
  package func confirm() {
    guard lastFlight != nil else { return }
    lastFlight = nil
    if state == .connected { deadline = nil }
  }

  package func pollTransmit() -> ByteBuffer? {
    bio.popOutgoing()
  }

  package func pollEvent() -> Event? {
    events.popFirst()
  }

  /// Tells the peer (`pollTransmit` still has its close_notify) and drops whatever comes from now on. No event follows.
  package func close() {
    guard state != .closed else { return }
    shutDown()
  }

  /// A tag of 16 octets, and in all suites of ours but ChaCha20's an explicit nonce of 8 (RFC 5288 section 3, RFC 7905
  /// section 2). Before one is agreed on what comes encrypted is longer than either makes it.
  private var recordOverhead: Int {
    guard let cipher = SSL_get_current_cipher(ssl) else { return 24 }
    return SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305 ? 16 : 24
  }

  private func advance(now: NIODeadline) {
    if state == .handshaking { handshake(now: now) }
    // Goes on with the same datagram, and later repeats our last flight where the peer repeats its own.
    if state == .connected { read() }
    updateDeadline(now: now)
  }

  private func handshake(now: NIODeadline) {
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 {
      finishHandshake(now: now)
    } else if SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ {
      let error = DTLSError.lastHandshakeError
      fail(isPeerAuthentic == false ? .fingerprintMismatch : error)
    }
  }

  private func finishHandshake(now: NIODeadline) {
    // OpenSSL ends no handshake whose certificate was refused; asked again, because with a cipher suite without
    // certificates or a resumed session, both of which are off, `verify` would never be called.
    guard isPeerAuthentic == true else { return fail(.noPeerCertificate) }
    guard shim_SSL_get_extms_support(ssl) == 1 else { return fail(.noExtendedMasterSecret) }
    guard let profile = selectedProfile else { return fail(.noCommonProfile) }
    guard let keys = exportKeyingMaterial(profile) else { return fail(.lastOpenSSLError) }
    state = .connected
    // RFC 6347 section 4.2.4, figure 1: the server sends the last flight, ChangeCipherSpec and Finished.
    if role == .passive {
      lastFlight = DTLSLastFlight(Array(bio.outgoing), retransmission: retransmission, now: now)
    }
    events.append(.connected(keys))
  }

  private func read() {
    withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { scratch in
      while true {
        ERR_clear_error()
        let count = SSL_read(ssl, scratch.baseAddress, Int32(scratch.count))
        if count > 0 {
          discarded += 1
          continue
        }
        switch SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ: return
        case SSL_ERROR_ZERO_RETURN:
          shutDown()
          events.append(.closed)
        default: fail(.lastHandshakeError)
        }
        return
      }
    }
  }

  private func fail(_ error: DTLSError) {
    shutDown()
    events.append(.failed(error))
  }

  private func shutDown() {
    // OpenSSL refuses in the middle of a handshake, whose end is silence or an alert.
    if SSL_is_init_finished(ssl) == 1 { SSL_shutdown(ssl) }
    ERR_clear_error()
    state = .closed
    lastFlight = nil
    deadline = nil
  }

  private func updateDeadline(now: NIODeadline) {
    if let lastFlight {
      deadline = lastFlight.deadline
      return
    }
    var left = timeval()
    guard state == .handshaking, shim_DTLSv1_get_timeout(ssl, &left) == 1 else {
      deadline = nil
      return
    }
    deadline = now + .seconds(Int64(left.tv_sec)) + .microseconds(Int64(left.tv_usec))
  }
}
