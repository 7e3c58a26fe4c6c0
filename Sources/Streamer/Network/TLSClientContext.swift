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
}
