import Glibc
import NIOCore
import NIOSSL
import XMPP

/// TLS 1.2 or later as a client, the chain verified against the system's authorities and the user's own, and the name by
/// ``ServerIdentity``.
package struct TLSClientContext: Sendable {
  package enum Failure: Error, Hashable {
    /// The file of the user's own authorities.
    case unreadable(String)
    /// No authority of that file may be trusted, the first for that reason.
    case unfit(String, CertificateFields.Fault)
    case unavailable(String)

    /// What is wrong; if it is the user's own file, without its name.
    package var cause: String {
      switch self {
      case .unreadable: "there is no certificate in it"
      case .unfit(_, let fault): "no certificate in it can be trusted (\(fault.cause))"
      case .unavailable(let cause): "TLS cannot be set up (\(cause))"
      }
    }

    package var cure: String {
      switch self {
      case .unreadable: "give a PEM file"
      case .unfit(_, let fault): "issue it, and the certificates that it signed, again \(fault.cure)"
      case .unavailable: "install the ca-certificates package"
      }
    }

    /// For people.
    package var line: String {
      switch self {
      case .unreadable(let file), .unfit(let file, _): "--ca-file \(file): \(cause); \(cure)"
      case .unavailable: "\(cause): \(cure)"
      }
    }
  }

  private let context: NIOSSLContext
  private let exporterSecret: TLSExporterSecret?

  /// Reading the system's authorities may take tens of milliseconds.
  ///
  /// - Parameter isBindable: whether connections are to have ``channelBindings(in:)``.
  package init(caFile: String?, applicationProtocols: [String] = [], isBindable: Bool = false) throws(Failure) {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    // NIOSSL's own look at the name is wider than RFC 9525 in some ways and narrower in others; see `makeHandler`.
    tls.certificateVerification = .noHostnameVerification
    tls.verifySignatureAlgorithms = Self.signatureAlgorithms
    tls.trustRoots = SystemAuthorities.trustRoots()
    tls.shutdownTimeout = .seconds(1)
    tls.applicationProtocols = applicationProtocols
    exporterSecret = isBindable ? TLSExporterSecret() : nil
    tls.keyLogCallback = exporterSecret?.receive
    if let caFile { tls.additionalTrustRoots = [.certificates(try Self.authorities(in: caFile))] }
    do {
      context = try NIOSSLContext(configuration: tls)
    } catch {
      throw .unavailable(TLSFailure(error, certificate: nil, now: 0)?.cause ?? NetworkFailure.reason(error))
    }
  }

  /// Says before anything is connected whether the file of the user's own authorities can be used.
  package static func check(caFile: String) throws(Failure) { _ = try authorities(in: caFile) }

  private static func authorities(in file: String) throws(Failure) -> [NIOSSLCertificate] {
    guard let authorities = try? NIOSSLCertificate.fromPEMFile(file), !authorities.isEmpty else {
      throw .unreadable(file)
    }
    // One that is unfit spoils nothing for the others.
    let faults = authorities.map { CertificateFields(of: $0).map(\.faultOfAnchor) ?? .malformed }
    let fit = zip(authorities, faults).filter { $0.1 == nil }.map(\.0)
    if fit.isEmpty, let fault = faults.compactMap({ $0 }).first { throw .unfit(file, fault) }
    return fit
  }

  /// BoringSSL's own, in its order, and two that it leaves out: such certificates are made by those who sign themselves.
  private static let signatureAlgorithms: [SignatureAlgorithm] = [
    .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
    .rsaPkcs1Sha384, .rsaPssRsaeSha512, .rsaPkcs1Sha512, .rsaPkcs1Sha1, .ecdsaSecp521R1Sha512, .ed25519,
  ]

  /// A handler whose handshake fails unless the server proves to be `serverName`, a domain name or an IP address.
  ///
  /// - Parameter serverName: an address of IPv6 may be in brackets, as in a JID (RFC 7622 section 3.2).
  package func makeHandler(serverName: String) throws -> NIOSSLClientHandler {
    let isBracketed = serverName.hasPrefix("[") && serverName.hasSuffix("]")
    let serverName = isBracketed ? String(serverName.dropFirst().dropLast()) : IDNA.ascii(serverName)
    // RFC 6066 section 3: an IP address is no server name.
    let isAddress = (try? SocketAddress(ipAddress: serverName, port: 0)) != nil
    return try NIOSSLClientHandler._makeSSLClientHandler(
      context: context, serverHostname: isAddress ? nil : serverName
    ) { certificate, channel in
      guard ServerIdentity.isProven(by: certificate, of: serverName) else {
        return channel.eventLoop.makeFailedFuture(
          TLSFailure.wrongName(presented: ServerIdentity.names(of: certificate)))
      }
      let fields = CertificateFields(of: certificate)
      if let fault = fields.map(\.faultOfServer) ?? .malformed {
        return channel.eventLoop.makeFailedFuture(TLSFailure.unfit(fault))
      }
      return channel.eventLoop.makeSucceededVoidFuture()
    }
  }

  /// What SASL can be bound to, the one to prefer first (XEP-0440 section 4). To be asked as the handshake completes.
  package func channelBindings(in pipeline: ChannelPipeline.SynchronousOperations) -> [ChannelBinding] {
    let secret = (try? pipeline.nioSSL_tlsVersion()) == .tlsv13 ? exporterSecret?.take() : nil
    let certificate = try? pipeline.nioSSL_peerCertificate()?.toDERBytes()
    return [
      secret.flatMap(ChannelBinding.exporter(masterSecret:)),
      certificate.flatMap(ChannelBinding.serverEndPoint(certificate:)),
    ].compactMap { $0 }
  }

  /// What went wrong, for people.
  package static func reason(_ error: any Error) -> String {
    if let failure = TLSFailure(error, certificate: nil, now: WallClock.secondsSince1970) {
      return switch failure {
      case .wrongName: "the server's certificate is for another name"
      case _ where failure.isOfCertificate:
        "the server's certificate is not trusted (\(failure.cause)); \(failure.cure)"
      default: failure.cause
      }
    }
    return switch error {
    case let failure as Failure: failure.line
    case NIOSSLError.uncleanShutdown: "the server closed the connection"
    case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode): "the server closed the connection"
    default: NetworkFailure.reason(error)
    }
  }
}
