import Glibc
import NIOCore
import NIOSSL

/// TLS 1.2 or later as a client, the chain and the name verified, against the system's authorities and the user's own.
enum TLSClientContext {
  enum Failure: Error {
    /// The file of the user's own authorities.
    case unreadable(String)
    case unavailable(String)
  }

  static func make(
    caFile: String?, applicationProtocols: [String] = []
  ) throws(Failure) -> NIOSSLContext {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    tls.certificateVerification = .fullVerification
    tls.trustRoots = SystemAuthorities.trustRoots()
    tls.shutdownTimeout = .seconds(1)
    tls.applicationProtocols = applicationProtocols
    if let caFile {
      guard let authorities = try? NIOSSLCertificate.fromPEMFile(caFile), !authorities.isEmpty else {
        throw .unreadable(caFile)
      }
      tls.additionalTrustRoots = [.certificates(authorities)]
    }
    do {
      return try NIOSSLContext(configuration: tls)
    } catch {
      throw .unavailable("\(error)")
    }
  }

  /// What went wrong, for people.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      "the server's certificate is for another name"
    case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate:
      "the server's certificate is not trusted"
    case NIOSSLError.handshakeFailed(let cause) where String(describing: cause).contains("CERTIFICATE_VERIFY_FAILED"):
      "the server's certificate is not trusted; name a CA of your own with --ca-file"
    case NIOSSLError.handshakeFailed: "the server does not speak TLS 1.2 or later here"
    case NIOSSLError.uncleanShutdown: "the server closed the connection"
    case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode): "the server closed the connection"
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: "TLS failed"
    default: XMPPClientError.reason(error)
    }
  }
}
