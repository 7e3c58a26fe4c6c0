import COpenSSL

extension DTLSError {
  /// The oldest error of OpenSSL's error queue; reading it empties the queue.
  static var lastOpenSSLError: DTLSError {
    .library(takeOpenSSLError().text)
  }

  /// The reason why OpenSSL ended a handshake; reading it empties the error queue.
  static var lastHandshakeError: DTLSError {
    let (reason, text) = takeOpenSSLError()
    switch reason {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return .noPeerCertificate
    case SSL_R_READ_TIMEOUT_EXPIRED: return .timedOut
    case SSL_AD_REASON_OFFSET..<(SSL_AD_REASON_OFFSET + 256): return .alert(UInt8(reason - SSL_AD_REASON_OFFSET))
    default: return .handshake(text)
    }
  }

  private static func takeOpenSSLError() -> (reason: Int32, text: String) {
    let code = ERR_get_error()
    ERR_clear_error()
    let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "no reason given"
    return (ERR_GET_REASON(code), text)
  }
}
