import NIOCore
import NIOSSL

/// Why there is no TLS connection, told apart by what a person can do about it.
package enum TLSFailure: Error, Hashable, Sendable {
  // The server's certificate; times are in seconds since 1970.
  case wrongName(presented: [String])
  /// The chain is verified, and the certificate not to be trusted all the same.
  case unfit(CertificateFields.Fault)
  case notYetValid(from: Int64, now: Int64)
  case expired(at: Int64, now: Int64)
  case untrusted
  // The handshake; alerts are those of RFC 8446 section 6.
  case noTLS
  case protocolVersion
  case noCommonParameters
  case unknownName
  case otherProtocol
  case clientCertificateWanted
  case closed
  case alert(String)
  /// BoringSSL's word for what it did not like.
  case broken(String)

  /// - Parameters:
  ///   - error: what NIOSSL threw; nil is returned where it was not thrown for TLS's sake.
  ///   - certificate: the server's, as far as it was seen.
  init?(_ error: any Error, certificate: NIOSSLCertificate?, now: Int64) {
    switch error {
    case let failure as TLSFailure: self = failure
    case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate: self = .untrusted
    case NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])): self = .closed
    case NIOSSLError.handshakeFailed(let error):
      let reasons = Self.reasons(of: error)
      self =
        reasons.contains("CERTIFICATE_VERIFY_FAILED")
        ? Self.verification(of: certificate, now: now) : Self.handshake(reasons)
    // The connection broke off, or the server does without TLS's goodbye.
    case NIOSSLError.uncleanShutdown: return nil
    case let error as BoringSSLError: self = .broken(Self.word(Self.reasons(of: error).first ?? "no reason given"))
    case is NIOSSLError, is NIOSSLExtraError: self = .broken("no reason given")
    default: return nil
    }
  }

  /// In a handler behind that of TLS, which knows the certificate.
  package init?(_ error: any Error, in context: ChannelHandlerContext) {
    self.init(
      error, certificate: (try? context.pipeline.syncOperations.nioSSL_peerCertificate()) ?? nil,
      now: WallClock.secondsSince1970)
  }

  /// BoringSSL does not say why it trusts no chain; the times of the server's own certificate are the usual cause.
  static func verification(of certificate: NIOSSLCertificate?, now: Int64) -> TLSFailure {
    guard let certificate else { return .untrusted }
    let (from, end) = (Int64(certificate.notValidBefore), Int64(certificate.notValidAfter))
    if now < from { return .notYetValid(from: from, now: now) }
    return now > end ? .expired(at: end, now: now) : .untrusted
  }

  private static func handshake(_ reasons: [String]) -> TLSFailure {
    for reason in reasons {
      switch reason {
      case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST": return .noTLS
      case "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION": return .protocolVersion
      case "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_INSUFFICIENT_SECURITY": return .noCommonParameters
      case "TLSV1_ALERT_UNRECOGNIZED_NAME", "TLSV1_UNRECOGNIZED_NAME": return .unknownName
      case "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": return .otherProtocol
      case "TLSV1_ALERT_CERTIFICATE_REQUIRED": return .clientCertificateWanted
      default:
        if let alert = reason.firstRange(of: "_ALERT_") { return .alert(word(reason[alert.upperBound...])) }
      }
    }
    return .broken(word(reasons.first ?? "no reason given"))
  }

  /// The reasons within `error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at FILE:LINE`, the only
  /// form in which NIOSSL tells them.
  private static func reasons(of error: BoringSSLError) -> [String] {
    guard case .sslError(let stack) = error else { return [] }
    return stack.compactMap { entry in
      entry.description.split(separator: ":").lazy.compactMap { $0.split(separator: " ").first }.first { word in
        word.utf8.contains(UInt8(ascii: "_")) && word.utf8.allSatisfy(Self.isPartOfReason)
      }.map(String.init)
    }
  }

  private static func isPartOfReason(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func word(_ reason: some StringProtocol) -> String { reason.lowercased() }
}

// MARK: For people

extension TLSFailure {
  /// Whether it is the certificate that is wrong.
  var isOfCertificate: Bool {
    switch self {
    case .wrongName, .unfit, .notYetValid, .expired, .untrusted: true
    default: false
    }
  }

  package var cause: String {
    switch self {
    case .wrongName(let presented) where presented.isEmpty: "it is for another name"
    case .wrongName(let presented):
      "it is for another name, \(PrintableText.from(presented.prefix(4).joined(separator: ", "), limit: 160))"
    case .unfit(let fault): fault.cause
    case .notYetValid(let from, let now):
      "it is valid from \(WallClock.date(from)) on, and by this computer's clock it is \(WallClock.date(now))"
    case .expired(let end, let now):
      "it expired on \(WallClock.date(end)), and by this computer's clock it is \(WallClock.date(now))"
    case .untrusted: "no chain of valid certificates leads from it to one that this computer trusts"
    case .noTLS: "what answers there does not speak TLS"
    case .protocolVersion: "the server speaks neither TLS 1.2 nor 1.3"
    case .noCommonParameters: "the server shares no cipher suite or kind of key with us, alert handshake_failure"
    case .unknownName: "the server knows no such name, alert unrecognized_name"
    case .otherProtocol: "another service listens there, alert no_application_protocol"
    case .clientCertificateWanted: "the server wants a certificate of its clients, alert certificate_required"
    case .closed: "the server closed the connection in the handshake"
    case .alert(let name): "the server broke off the handshake, alert \(name)"
    case .broken(let reason): "the handshake failed, \(reason)"
    }
  }

  package var cure: String {
    switch self {
    case .wrongName:
      "check the name; if it is right, the server's administrator has to get a certificate for it"
    case .unfit(let fault): "the server's administrator has to get one made \(fault.cure)"
    case .notYetValid: "set the clock, sudo timedatectl set-ntp true"
    case .expired:
      "the server's administrator has to renew it; if the clock is wrong, sudo timedatectl set-ntp true sets it"
    case .untrusted:
      "if it is signed by itself or by a CA of your own, name that certificate with --ca-file; else the server's "
        + "administrator has to send the intermediate certificates along"
    case .noTLS, .otherProtocol: "check the port"
    case .protocolVersion: "the server's administrator has to enable TLS 1.2 or later"
    case .noCommonParameters:
      "the server's administrator has to enable the usual cipher suites of TLS 1.2 or 1.3, and an RSA, ECDSA or Ed25519 "
        + "certificate"
    case .unknownName: "check the name"
    case .clientCertificateWanted: "the server's administrator has to let clients in without one"
    case .closed: "try again later"
    case .alert, .broken: "the server's log may tell more to its administrator"
    }
  }
}
