import COpenSSL

extension DTLSAssociation {
  /// The largest datagram in bytes, small enough for any path that carries our RTP packets.
  package static let maximumTransmissionUnit = 1200

  /// The index at which an SSL keeps its "application specific data" (`SSL_set_app_data`): the pointer to its
  /// association.
  static let exDataIndex: Int32 = 0

  /// Only suites with forward secrecy and AEAD are offered. The RSA suites are for peers with RSA certificates.
  private static let cipherSuites = [
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
  ].joined(separator: ":")

  /// There are no tickets and no session cache, since a resumed session shows no certificate, and no cookies, since ICE
  /// has already verified the peer's address.
  private static let options =
    shim_SSL_OP_NO_TICKET | shim_SSL_OP_NO_RENEGOTIATION | shim_SSL_OP_NO_COMPRESSION | shim_SSL_OP_NO_QUERY_MTU
    | shim_SSL_OP_CIPHER_SERVER_PREFERENCE

  static func makeSSL(
    role: DTLSRole, certificate: Certificate, profiles: [SRTPProfile]
  ) throws(DTLSError) -> OpaquePointer {
    guard let context = SSL_CTX_new(DTLS_method()) else { throw .lastOpenSSLError }
    defer { SSL_CTX_free(context) }
    SSL_CTX_set_options(context, options)
    shim_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    SSL_CTX_set_cert_verify_callback(context, { store, _ in DTLSAssociation.verify(store) }, nil)
    guard shim_SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1,
      SSL_CTX_set_cipher_list(context, cipherSuites) == 1,
      shim_SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1,
      SSL_CTX_use_certificate(context, certificate.certificate) == 1,
      SSL_CTX_use_PrivateKey(context, certificate.key) == 1,
      // Unlike the others this function returns 0 on success.
      SSL_CTX_set_tlsext_use_srtp(context, profiles.map(\.openSSLName).joined(separator: ":")) == 0,
      let ssl = SSL_new(context)
    else { throw .lastOpenSSLError }
    guard shim_DTLS_set_link_mtu(ssl, maximumTransmissionUnit) == 1 else {
      SSL_free(ssl)
      throw .lastOpenSSLError
    }
    DTLS_set_timer_cb(ssl) { ssl, microseconds in
      DTLSAssociation.of(ssl).nextWait(isNewFlight: microseconds == 0)
    }
    switch role {
    case .active: SSL_set_connect_state(ssl)
    case .passive: SSL_set_accept_state(ssl)
    }
    return ssl
  }

  /// The time in microseconds after which OpenSSL sends the flight again.
  private func nextWait(isNewFlight: Bool) -> UInt32 {
    repetition = isNewFlight ? 0 : repetition + 1
    return UInt32(clamping: retransmission.wait(after: repetition).nanoseconds / 1000)
  }

  /// The SRTP protection profile that the handshake selected.
  var selectedProfile: SRTPProfile? {
    guard let selected = SSL_get_selected_srtp_profile(ssl) else { return nil }
    return UInt16(exactly: selected.pointee.id).flatMap(SRTPProfile.init(rawValue:))
  }

  /// Exports the SRTP keys: the label is "EXTRACTOR-dtls_srtp", without a context (RFC 5764 section 4.2).
  func exportKeyingMaterial(_ profile: SRTPProfile) -> SRTPKeyingMaterial? {
    let label = "EXTRACTOR-dtls_srtp"
    let exported = SecretBytes(byteCount: SRTPKeyingMaterial.exportedLength(profile))
    let result = exported.withUnsafeMutableBytes { bytes in
      SSL_export_keying_material(ssl, bytes.baseAddress, bytes.count, label, label.utf8.count, nil, 0, 0)
    }
    return result == 1 ? SRTPKeyingMaterial(profile: profile, exported: exported, role: role) : nil
  }

  private static func of(_ ssl: OpaquePointer?) -> DTLSAssociation {
    Unmanaged.fromOpaque(SSL_get_ex_data(ssl, exDataIndex)).takeUnretainedValue()
  }

  /// Replaces OpenSSL's verification of the certificate chain. Unless a fingerprint matches, the handshake ends before
  /// our Finished message.
  private static func verify(_ store: OpaquePointer?) -> Int32 {
    let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
    let association = of(ssl.map { OpaquePointer($0) })
    let isAuthentic = X509_STORE_CTX_get0_cert(store).map(association.isVouchedFor) ?? false
    association.isPeerAuthentic = isAuthentic
    if !isAuthentic { X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED) }
    return isAuthentic ? 1 : 0
  }

  /// Compares every fingerprint, even after a match, so that the time taken tells nothing.
  private func isVouchedFor(_ certificate: OpaquePointer) -> Bool {
    remoteFingerprints.reduce(false) { found, fingerprint in
      let fits = fingerprint == Fingerprint(of: certificate, hashFunction: fingerprint.hashFunction)
      return fits || found
    }
  }
}
