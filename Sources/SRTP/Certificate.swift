import COpenSSL

/// A self-signed ECDSA P-256 certificate with its key, which the peer authenticates by its fingerprint (RFC 5763
/// section 5, RFC 8827 section 6.5).
///
/// It identifies nobody and links no two runs: serial number and common name are random.
// Sendable, because OpenSSL counts the references to X509 and EVP_PKEY atomically and locks what it caches in them, and
// nothing is changed after the initializer.
package final class Certificate: @unchecked Sendable {
  let certificate: OpaquePointer
  let key: OpaquePointer
  package let fingerprint: Fingerprint

  /// Generates a key and signs a certificate for it.
  ///
  /// - Throws: `DTLSError.library`.
  package init() throws(DTLSError) {
    guard let key = shim_EVP_EC_gen("P-256") else { throw .lastOpenSSLError }
    guard let certificate = X509_new() else {
      EVP_PKEY_free(key)
      throw .lastOpenSSLError
    }
    guard Self.fill(certificate, key: key), X509_sign(certificate, key, EVP_sha256()) > 0 else {
      X509_free(certificate)
      EVP_PKEY_free(key)
      throw .lastOpenSSLError
    }
    self.key = key
    self.certificate = certificate
    fingerprint = Fingerprint(of: certificate, hashFunction: .sha256)
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  private static func fill(_ certificate: OpaquePointer, key: OpaquePointer) -> Bool {
    let day = 24 * 60 * 60
    var serial: UInt64 = 0
    guard RAND_bytes(&serial, Int32(MemoryLayout<UInt64>.size)) == 1 else { return false }
    let commonName = String(serial.byteSwapped, radix: 16)
    guard let name = X509_get_subject_name(certificate) else { return false }
    let version3 = 2  // "v3(2)", RFC 5280 section 4.1
    return X509_set_version(certificate, version3) == 1
      // "serialNumber MUST be a positive integer", RFC 5280 section 4.1.2.2.
      && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1
      // The validity begins a day in the past, since clocks differ and that of a small computer may be wrong at its
      // start.
      && X509_gmtime_adj(X509_getm_notBefore(certificate), -day) != nil
      && X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * day) != nil
      && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, commonName, -1, -1, 0) == 1
      && X509_set_issuer_name(certificate, name) == 1
      && X509_set_pubkey(certificate, key) == 1
  }
}
