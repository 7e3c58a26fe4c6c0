import COpenSSL
import NIOCore

@testable import SRTP

/// OpenSSL without our rules, to play the peer that breaks them.
final class BarePeer {
  let bio: DatagramBIO
  let ssl: OpaquePointer

  init(role: DTLSRole, certificate: Certificate?, profiles: String? = "SRTP_AEAD_AES_128_GCM", options: UInt64 = 0)
    throws
  {
    bio = try DatagramBIO()
    let context = SSL_CTX_new(DTLS_method())
    defer { SSL_CTX_free(context) }
    SSL_CTX_set_options(context, options | shim_SSL_OP_NO_QUERY_MTU)
    if let certificate {
      SSL_CTX_use_certificate(context, certificate.certificate)
      SSL_CTX_use_PrivateKey(context, certificate.key)
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
    if let profiles { precondition(SSL_CTX_set_tlsext_use_srtp(context, profiles) == 0) }
    ssl = SSL_new(context)!
    _ = shim_DTLS_set_link_mtu(ssl, 1200)
    if role == .active { SSL_set_connect_state(ssl) } else { SSL_set_accept_state(ssl) }
    SSL_set_bio(ssl, bio.bio, bio.bio)
  }

  deinit {
    SSL_free(ssl)
  }

  var isConnected: Bool { SSL_is_init_finished(ssl) == 1 }

  func send(_ text: String) {
    precondition(SSL_write(ssl, text, Int32(text.utf8.count)) > 0)
  }

  /// Carries datagrams until nobody has any; gives the events of the association.
  func talk(to association: DTLSAssociation) -> [DTLSAssociation.Event] {
    association.start(now: .now())
    var scratch = [UInt8](repeating: 0, count: 2048)
    var hasCarried = true
    while hasCarried {
      hasCarried = false
      ERR_clear_error()
      SSL_read(ssl, &scratch, Int32(scratch.count))
      while let datagram = bio.popOutgoing() {
        hasCarried = true
        association.receive(datagram, now: .now())
      }
      while let datagram = association.pollTransmit() {
        hasCarried = true
        bio.incoming = datagram
        ERR_clear_error()
        SSL_read(ssl, &scratch, Int32(scratch.count))
      }
    }
    ERR_clear_error()
    var events: [DTLSAssociation.Event] = []
    while let event = association.pollEvent() { events.append(event) }
    return events
  }
}

extension [DTLSAssociation.Event] {
  var failures: [DTLSError] {
    compactMap { if case .failed(let error) = $0 { error } else { nil } }
  }

  var isConnected: Bool {
    contains { if case .connected = $0 { true } else { false } }
  }
}
