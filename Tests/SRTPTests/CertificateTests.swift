import COpenSSL
import Testing

@testable import SRTP

@Suite struct CertificateTests {
  @Test("the certificate is self-signed, of version 3, and for ECDSA with P-256")
  func contents() throws {
    let certificate = try Certificate()
    let x509 = certificate.certificate
    #expect(X509_get_version(x509) == 2)
    #expect(X509_verify(x509, certificate.key) == 1)
    #expect(X509_check_private_key(x509, certificate.key) == 1)
    #expect(EVP_PKEY_get_base_id(certificate.key) == EVP_PKEY_EC)
    #expect(EVP_PKEY_get_bits(certificate.key) == 256)
    #expect(X509_get_signature_nid(x509) == NID_ecdsa_with_SHA256)
    #expect(X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0)
  }

  @Test("the certificate is valid for weeks, and for clocks that are almost a day behind")
  func validity() throws {
    let certificate = try Certificate()
    var (days, seconds): (Int32, Int32) = (0, 0)
    #expect(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate.certificate), nil) == 1)
    #expect(days == 1 && seconds < 3600)
    #expect(ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(certificate.certificate)) == 1)
    #expect(days >= 29)
  }

  @Test("no two certificates share a key, serial number or name, and serial numbers are positive")
  func unlinkable() throws {
    let (one, other) = (try Certificate(), try Certificate())
    #expect(one.fingerprint != other.fingerprint)
    #expect(EVP_PKEY_eq(one.key, other.key) == 0)
    let serials = [one, other].map { X509_get0_serialNumber($0.certificate) }
    #expect(ASN1_INTEGER_cmp(serials[0], serials[1]) != 0)
    for serial in serials {
      var value: Int64 = 0
      #expect(ASN1_INTEGER_get_int64(&value, serial) == 1 && value > 0)
    }
    let names = [one, other].map { X509_get_subject_name($0.certificate) }
    #expect(X509_NAME_cmp(names[0], names[1]) != 0)
  }

  @Test("the fingerprint is the SHA-256 hash of the DER encoding")
  func fingerprint() throws {
    let certificate = try Certificate()
    var der: UnsafeMutablePointer<UInt8>?
    let length = i2d_X509(certificate.certificate, &der)
    defer { CRYPTO_free(der, nil, 0) }
    var digest = [UInt8](repeating: 0, count: 32)
    #expect(EVP_Digest(der, Int(length), &digest, nil, EVP_sha256(), nil) == 1)
    #expect(certificate.fingerprint == Fingerprint(hashFunction: .sha256, bytes: digest))
  }
}
