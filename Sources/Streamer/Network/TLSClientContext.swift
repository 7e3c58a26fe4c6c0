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
    tls.verifySignatureAlgorithms = signatureAlgorithms
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
      throw .unavailable(TLSFailure(error, certificate: nil, now: 0)?.cause ?? NetworkFailure.reason(error))
    }
  }

  /// BoringSSL's own, in its order, and two that it leaves out: such certificates are made by those who sign themselves.
  private static let signatureAlgorithms: [SignatureAlgorithm] = [
    .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
    .rsaPkcs1Sha384, .rsaPssRsaeSha512, .rsaPkcs1Sha512, .rsaPkcs1Sha1, .ecdsaSecp521R1Sha512, .ed25519,
  ]

  /// What went wrong, for people.
  static func reason(_ error: any Error) -> String {
    if let failure = TLSFailure(error, certificate: nil, now: WallClock.secondsSince1970) {
      return switch failure {
      case .wrongName: "the server's certificate is for another name"
      case _ where failure.isOfCertificate:
        "the server's certificate is not trusted (\(failure.cause)); \(failure.cure)"
      default: failure.cause
      }
    }
    return switch error {
    case NIOSSLError.uncleanShutdown: "the server closed the connection"
    case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode): "the server closed the connection"
    default: NetworkFailure.reason(error)
    }
  }
}
