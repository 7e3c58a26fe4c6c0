import CSRTP
import NIOCore

/// One direction of an SRTP session: a libsrtp2 context that serves any source under one master key (RFC 3711
/// section 3.2).
struct SRTPContext: ~Copyable {
  typealias Transform = (srtp_t?, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?) -> srtp_err_status_t

  private let context: srtp_t

  /// Packets that may come late before they count as replayed. RFC 3711 section 3.3.2 asks for 64 at least; a key frame
  /// at a high bitrate is several hundred.
  private static let replayWindow: UInt = 1024

  static let isLibraryReady = {
    csrtp_keep_nss_open()
    return srtp_init() == srtp_err_status_ok
  }()

  init(_ direction: srtp_ssrc_type_t, profile: SRTPProfile, keyAndSalt: SecretBytes) throws(SRTPError) {
    guard Self.isLibraryReady else { throw .library(srtp_err_status_init_fail.rawValue) }
    var policy = srtp_policy_t()
    policy.ssrc.type = direction
    policy.window_size = Self.replayWindow
    // A sequence number is protected once: under a counter mode a second time would give the key stream away.
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

  /// Transforms the readable bytes in place, with `room` bytes to grow into.
  ///
  /// A packet that fails is emptied: libsrtp2 leaves it half transformed, and nothing of it may go any further.
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
