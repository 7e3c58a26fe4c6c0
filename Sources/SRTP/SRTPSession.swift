import CSRTP
import NIOCore

/// Both directions of one transport's SRTP and SRTCP (RFC 3711, RFC 7714), keyed by DTLS (RFC 5764).
///
/// All calls work in place. A packet that fails is left empty, so that neither plain text goes out nor a forgery in.
package struct SRTPSession: ~Copyable {
  /// Room behind a packet that `protect` and `protectControl` grow into; without it the buffer is made larger, which
  /// copies. "Callers MUST ensure that this much writable memory is available" (libsrtp2).
  package static let tailroom = Int(SRTP_MAX_TAG_LEN + SRTP_MAX_MKI_LEN) + srtcpIndexLength

  /// Sources that the peer may use within one session. Each costs memory and time that only the peer decides on.
  package static let sourceLimit = 32

  private static let srtcpIndexLength = 4
  private static let rtpHeaderLength = 12
  private static let rtcpHeaderLength = 8

  private let outbound: SRTPContext
  private let inbound: SRTPContext
  private let tagLength: Int
  private var sources: [UInt32] = []

  /// Starts libsrtp2 and the cryptography under it, which load libraries and test themselves: to be done before a viewer
  /// waits for a picture, and not on the event loop. Without it the first session does it.
  package static func prepareLibrary() {
    _ = SRTPContext.isLibraryReady
  }

  /// - Throws: `library`.
  package init(keyingMaterial: SRTPKeyingMaterial) throws(SRTPError) {
    let profile = keyingMaterial.profile
    let outbound = try SRTPContext(ssrc_any_outbound, profile: profile, keyAndSalt: keyingMaterial.local)
    let inbound = try SRTPContext(ssrc_any_inbound, profile: profile, keyAndSalt: keyingMaterial.remote)
    self.outbound = outbound
    self.inbound = inbound
    tagLength = profile.tagLength
    sources.reserveCapacity(Self.sourceLimit)
  }

  /// RTP into SRTP.
  ///
  /// - Throws: `replayed` for a sequence number that was protected before.
  package mutating func protect(_ packet: inout ByteBuffer) throws(SRTPError) {
    try Self.require(Self.rtpHeaderLength, in: &packet)
    try outbound.apply(srtp_protect, to: &packet, room: Self.tailroom)
  }

  /// RTCP into SRTCP.
  package mutating func protectControl(_ packet: inout ByteBuffer) throws(SRTPError) {
    try Self.require(Self.rtcpHeaderLength, in: &packet)
    try outbound.apply(srtp_protect_rtcp, to: &packet, room: Self.tailroom)
  }

  /// SRTP into RTP.
  package mutating func unprotect(_ packet: inout ByteBuffer) throws(SRTPError) {
    try Self.require(Self.rtpHeaderLength + tagLength, in: &packet)
    let source = try admitSource(at: 8, of: &packet)
    try inbound.apply(srtp_unprotect, to: &packet, room: 0)
    remember(source)
  }

  /// SRTCP into RTCP.
  package mutating func unprotectControl(_ packet: inout ByteBuffer) throws(SRTPError) {
    try Self.require(Self.rtcpHeaderLength + Self.srtcpIndexLength + tagLength, in: &packet)
    let source = try admitSource(at: 4, of: &packet)
    try inbound.apply(srtp_unprotect_rtcp, to: &packet, room: 0)
    remember(source)
  }

  /// libsrtp2 refuses what is short as well; asked before it, because it reads header, tag and trailer by these lengths.
  private static func require(_ byteCount: Int, in packet: inout ByteBuffer) throws(SRTPError) {
    guard packet.readableBytes >= byteCount, packet.readableBytes <= UInt16.max else {
      packet.clear()
      throw .malformed
    }
  }

  private func admitSource(at offset: Int, of packet: inout ByteBuffer) throws(SRTPError) -> UInt32 {
    let source = packet.getInteger(at: packet.readerIndex + offset, as: UInt32.self) ?? 0
    guard sources.count < Self.sourceLimit || sources.contains(source) else {
      packet.clear()
      throw .tooManySources
    }
    return source
  }

  /// Only what was authentic counts, so that nobody else can use up the peer's sources.
  private mutating func remember(_ source: UInt32) {
    if !sources.contains(source) { sources.append(source) }
  }
}
