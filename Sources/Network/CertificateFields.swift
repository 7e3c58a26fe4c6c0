import NIOSSL
import XMPP

/// The fields of a certificate that are judged beside its chain, its time and its names (RFC 5280 section 4.1).
package struct CertificateFields {
  struct Extension {
    /// The contents of the object identifier.
    let identifier: ArraySlice<UInt8>
    let isCritical: Bool
    let value: ArraySlice<UInt8>
  }

  /// The contents of the INTEGER.
  let serialNumber: ArraySlice<UInt8>
  let issuer: ArraySlice<UInt8>
  let subject: ArraySlice<UInt8>
  /// The contents of the SubjectPublicKeyInfo.
  let publicKey: ArraySlice<UInt8>
  let extensions: [Extension]

  /// nil: it is not of the form that RFC 5280 gives it.
  init?(of certificate: NIOSSLCertificate) {
    guard let bytes = try? certificate.toDERBytes() else { return nil }
    self.init(der: bytes)
  }

  init?(der: [UInt8]) {
    var rest = der[...]
    guard
      var certificate = DER.readValue(tag: 0x30, &rest), var fields = DER.readValue(tag: 0x30, &certificate)
    else { return nil }
    // "version [0] EXPLICIT Version DEFAULT v1".
    if fields.first == 0xA0 { _ = DER.readValue(tag: 0xA0, &fields) }
    // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo.
    guard
      let serialNumber = DER.readValue(tag: 0x02, &fields), DER.readValue(tag: 0x30, &fields) != nil,
      let issuer = DER.readValue(tag: 0x30, &fields), DER.readValue(tag: 0x30, &fields) != nil,
      let subject = DER.readValue(tag: 0x30, &fields), let publicKey = DER.readValue(tag: 0x30, &fields)
    else { return nil }
    (self.serialNumber, self.issuer, self.subject, self.publicKey) = (serialNumber, issuer, subject, publicKey)
    // "issuerUniqueID [1] IMPLICIT UniqueIdentifier OPTIONAL, subjectUniqueID [2] …".
    for tag in [0x81, 0x82] as [UInt8] where fields.first == tag { _ = DER.readValue(tag: tag, &fields) }
    var extensions: [Extension] = []
    if !fields.isEmpty {
      guard var explicit = DER.readValue(tag: 0xA3, &fields), var list = DER.readValue(tag: 0x30, &explicit) else {
        return nil
      }
      while !list.isEmpty {
        guard let next = Extension(readingFrom: &list) else { return nil }
        extensions.append(next)
      }
    }
    self.extensions = extensions
  }
}

extension CertificateFields.Extension {
  /// "Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }".
  fileprivate init?(readingFrom list: inout ArraySlice<UInt8>) {
    guard var fields = DER.readValue(tag: 0x30, &list), let identifier = DER.readValue(tag: 0x06, &fields) else {
      return nil
    }
    isCritical = fields.first == 0x01 && DER.readValue(tag: 0x01, &fields)?.first != 0
    guard let value = DER.readValue(tag: 0x04, &fields) else { return nil }
    (self.identifier, self.value) = (identifier, value)
  }
}
