import COpenSSL
import NIOCore

/// The DTLS 1.2 association of one transport, which keys its SRTP (RFC 5763, RFC 5764, RFC 6347).
///
/// The peer is authenticated by a certificate that matches one of the signalled fingerprints; its chain, names and
/// dates are ignored. An association is bound to one event loop.
///
/// This is the one engine that does not take all time from outside: OpenSSL times its retransmissions by the system
/// clock. `deadline` is the time left according to OpenSSL, counted from `now:`.
package final class DTLSAssociation {
  package enum Event {
    /// The handshake is complete and the peer is authenticated. Occurs at most once.
    case connected(SRTPKeyingMaterial)
    /// The association failed. This is the last event.
    case failed(DTLSError)
    /// The peer has closed the association. This is the last event.
    case closed
  }

  enum State {
    case handshaking
    case connected
    case closed
  }

  package let role: DTLSRole
  /// When ``handleTimeout(now:)`` is due.
  package private(set) var deadline: NIODeadline?
  /// The number of datagrams that were not DTLS, came after the end or found a queue full, and of messages of
  /// application data, for which there is no use.
  package var dropped: Int { discarded + bio.dropped }

  let ssl: OpaquePointer
  let remoteFingerprints: [Fingerprint]
  let retransmission: DTLSRetransmission
  /// How often the flight that awaits an answer was repeated.
  var repetition = 0
  var isPeerAuthentic: Bool?
  private let bio: DatagramBIO
  private var state = State.handshaking
  private var events = CircularBuffer<Event>(initialCapacity: 2)
  private var discarded = 0
  private var lastFlight: DTLSLastFlight?

  /// - Parameters:
  ///   - remoteFingerprints: the peer's certificate must match one of them.
  ///   - profiles: the SRTP protection profiles, the most preferred first.
  /// - Throws: `DTLSError.noFingerprint`, `DTLSError.library`.
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

  /// Starts the handshake; the active side sends its ClientHello.
  package func start(now: NIODeadline) {
    advance(now: now)
  }

  package func receive(_ datagram: ByteBuffer, now: NIODeadline) {
    // Invalid records must be dropped silently (RFC 6347 section 4.1.2.7). OpenSSL 3.0 drops them, but on some
    // processors those too short to be decrypted make it end the association: one forged datagram would end the call.
    guard state != .closed, PacketKind(of: datagram) == .dtls,
      !DTLSRecord.isForged(in: datagram, overhead: recordOverhead)
    else {
      discarded += 1
      return
    }
    bio.incoming = datagram
    advance(now: now)
    // An unread datagram must not be taken for the next one.
    bio.incoming = nil
  }

  /// Sends our last flight again when it is due.
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

  /// Stops repeating the last flight: the peer has received it, since it sent a packet that only the negotiated keys
  /// can protect.
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

  /// Ends the association. ``pollTransmit()`` still returns its close_notify alert; whatever arrives later is dropped,
  /// and no event follows.
  package func close() {
    guard state != .closed else { return }
    shutDown()
  }

  /// The octets that the cipher suite adds to a record: a tag of 16 and, in all of our suites but ChaCha20's, an
  /// explicit nonce of 8 (RFC 5288 section 3, RFC 7905 section 2). Before a suite is selected the larger number is
  /// safe, since a genuine encrypted record is longer.
  private var recordOverhead: Int {
    guard let cipher = SSL_get_current_cipher(ssl) else { return 24 }
    return SSL_CIPHER_get_cipher_nid(cipher) == NID_chacha20_poly1305 ? 16 : 24
  }

  private func advance(now: NIODeadline) {
    if state == .handshaking { handshake(now: now) }
    // Reading continues with the same datagram; later it makes OpenSSL repeat our last flight when the peer repeats its
    // own.
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
    // OpenSSL completes no handshake whose certificate was refused. This is checked again because `verify` would never
    // be called with a cipher suite without certificates or in a resumed session, both of which are disabled.
    guard isPeerAuthentic == true else { return fail(.noPeerCertificate) }
    guard shim_SSL_get_extms_support(ssl) == 1 else { return fail(.noExtendedMasterSecret) }
    guard let profile = selectedProfile else { return fail(.noCommonProfile) }
    guard let keys = exportKeyingMaterial(profile) else { return fail(.lastOpenSSLError) }
    state = .connected
    // The server sends the last flight: ChangeCipherSpec and Finished (RFC 6347 section 4.2.4, figure 1).
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
    // OpenSSL refuses a shutdown in the middle of a handshake, which ends with an alert or in silence.
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
