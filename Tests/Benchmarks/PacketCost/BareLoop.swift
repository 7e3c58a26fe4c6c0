import CSRTP
import SRTP

/// libsrtp2 alone: the same payload copied behind a header into one buffer that is used again, and protected there.
struct BareLoop: ~Copyable {
  private static let headerLength = 12

  private let context: srtp_t
  private let payload = [UInt8](repeating: 0x5A, count: PacketShape.payload)
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 16)
  private var sequenceNumber: UInt16 = 0

  init(_ profile: SRTPProfile) throws {
    SRTPSession.prepareLibrary()
    var policy = srtp_policy_t()
    policy.ssrc.type = ssrc_any_outbound
    policy.window_size = 1024
    let library = profile == .aeadAES128GCM ? srtp_profile_aead_aes_128_gcm : srtp_profile_aes128_cm_sha1_80
    srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, library)
    srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, library)
    var key = [UInt8](repeating: 7, count: profile.keyLength + profile.saltLength)
    var context: srtp_t?
    let status = key.withUnsafeMutableBufferPointer { key in
      policy.key = key.baseAddress
      return srtp_create(&context, &policy)
    }
    guard status == srtp_err_status_ok, let context else { throw SRTPError.library(status.rawValue) }
    self.context = context
  }

  deinit {
    srtp_dealloc(context)
    buffer.deallocate()
  }

  mutating func run(packets: Int) {
    for _ in 0..<packets {
      buffer.storeBytes(of: UInt16(0x8060).bigEndian, as: UInt16.self)
      buffer.storeBytes(of: sequenceNumber.bigEndian, toByteOffset: 2, as: UInt16.self)
      buffer.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
      buffer.storeBytes(of: 1, toByteOffset: 8, as: UInt32.self)
      UnsafeMutableRawBufferPointer(rebasing: buffer[Self.headerLength...]).copyBytes(from: payload)
      var length = Int32(Self.headerLength + payload.count)
      let status = srtp_protect(context, buffer.baseAddress, &length)
      precondition(status == srtp_err_status_ok)
      sequenceNumber &+= 1
    }
  }
}
