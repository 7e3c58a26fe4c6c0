import CSRTP
import NIOCore

/// One direction of an SRTP session: a libsrtp2 context that serves every source under one master key (RFC 3711 section
/// 3.2).
struct SRTPContext: ~Copyable {
  typealias Transform = (srtp_t?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?) -> srtp_err_status_t

  private let context: srtp_t

  /// The number of packets by which one may be late before it counts as replayed. RFC 3711 section 3.3.2 requires at
  /// least 64; a key frame at a high bitrate has several hundred packets.
  private static let replayWindow: UInt = 1024

  /// Whether libsrtp2 could be initialized, which the first use of this value does.
  static let isLibraryReady = {
    csrtp_keep_nss_open()
    return srtp_init() == srtp_err_status_ok
  }()

  init(_ direction: srtp_ssrc_type_t, profile: SRTPProfile, keyAndSalt: SecretBytes) throws(SRTPError) {
    guard Self.isLibraryReady else { throw .library(srtp_err_status_init_fail.rawValue) }
    var policy = srtp_policy_t()
    policy.ssrc.type = direction
    policy.window_size = Self.replayWindow
    // No sequence number may be protected twice: in a counter mode that would disclose the key stream.
    policy.allow_repeat_tx = 0
    var status = srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profile.libraryProfile)
    guard status == srtp_err_status_ok else { throw SRTPError(status) }
    status = srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profile.libraryProfile)
    guard status == srtp_err_status_ok else { throw SRTPError(status) }

    var context: srtp_t?
    status = keyAndSalt.withUnsafeMutableBytes { bytes in
      policy.key = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return srtp_create(&context, &policy)
    }
    guard status == srtp_err_status_ok, let context else { throw SRTPError(status) }
    self.context = context
  }

  deinit {
    srtp_dealloc(context)
  }

  /// Transforms the readable bytes in place.
  ///
  /// A packet that fails is emptied: libsrtp2 leaves it half transformed, and nothing of it may be used.
  ///
  /// - Parameter room: the bytes by which the packet may grow.
  /// - Throws: `SRTPError`.
  @inline(__always)
  func apply(_ transform: Transform, to packet: inout ByteBuffer, room: Int) throws(SRTPError) {
    packet.reserveCapacity(minimumWritableBytes: room)
    let start = packet.readerIndex
    var length = Int32(packet.readableBytes)
    let status = packet.withVeryUnsafeMutableBytes { bytes in
      transform(context, bytes.baseAddress.map { $0 + start }, &length)
    }
    guard status == srtp_err_status_ok else {
      packet.clear()
      throw SRTPError(status)
    }
    packet.moveWriterIndex(to: start + Int(length))
  }
}
