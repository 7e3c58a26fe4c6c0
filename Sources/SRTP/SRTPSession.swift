import CSRTP
import NIOCore

/// Both directions of one transport's SRTP and SRTCP (RFC 3711, RFC 7714), keyed by DTLS (RFC 5764).
///
/// All methods work in place. A packet that fails is left empty, so that neither plain text is sent nor a forged packet
/// used.
package struct SRTPSession: ~Copyable {
  /// The bytes to reserve behind a packet, by which `protect` and `protectControl` may let it grow; without them the
  /// buffer is reallocated, which copies. "Callers MUST ensure that this much writable memory is available" (libsrtp2).
  package static let tailroom = Int(SRTP_MAX_TAG_LEN + SRTP_MAX_MKI_LEN) + srtcpIndexLength

  /// The most sources that the peer may use in a session. The memory and time that each costs is decided by the peer
  /// alone.
  package static let sourceLimit = 32

  private static let srtcpIndexLength = 4
  private static let rtpHeaderLength = 12
  private static let rtcpHeaderLength = 8

  private let outbound: SRTPContext
  private let inbound: SRTPContext
  private let tagLength: Int
  private var sources: [UInt32] = []

  /// Initializes libsrtp2 and the cryptographic library under it, which loads libraries and runs self-tests. It should
  /// be called before a viewer waits for a picture, and not on the event loop; otherwise the first session does it.
  package static func prepareLibrary() {
    _ = SRTPContext.isLibraryReady
  }

  /// - Throws: `SRTPError.library`.
  package init(keyingMaterial: SRTPKeyingMaterial) throws(SRTPError) {
    let profile = keyingMaterial.profile
    let outbound = try SRTPContext(ssrc_any_outbound, profile: profile, keyAndSalt: keyingMaterial.local)
    let inbound = try SRTPContext(ssrc_any_inbound, profile: profile, keyAndSalt: keyingMaterial.remote)
    self.outbound = outbound
    self.inbound = inbound
    tagLength = profile.tagLength
    sources.reserveCapacity(Self.sourceLimit)
  }

  /// Turns RTP into SRTP.
  ///
  /// - Throws: `SRTPError`; `.replayed` for a sequence number that was protected before.
  package mutating func protect(_ packet: inout ByteBuffer) throws(SRTPError) {
    try Self.require(Self.rtpHeaderLength, in: &packet)
    try outbound.apply(srtp_protect, to: &packet, room: Self.tailroom)
  }

  /// Turns RTCP into SRTCP.
  ///
  /// - Throws: `SRTPError`.
  package mutating func protectControl(_ packet: inout ByteBuffer) throws(SRTPError) {
    try Self.require(Self.rtcpHeaderLength, in: &packet)
    try outbound.apply(srtp_protect_rtcp, to: &packet, room: Self.tailroom)
  }

  /// Turns SRTP into RTP.
  ///
  /// - Throws: `SRTPError`.
  package mutating func unprotect(_ packet: inout ByteBuffer) throws(SRTPError) {
    try Self.require(Self.rtpHeaderLength + tagLength, in: &packet)
    let source = try admitSource(at: 8, of: &packet)
    try inbound.apply(srtp_unprotect, to: &packet, room: 0)
    remember(source)
  }

  /// Turns SRTCP into RTCP.
  ///
  /// - Throws: `SRTPError`.
  package mutating func unprotectControl(_ packet: inout ByteBuffer) throws(SRTPError) {
    try Self.require(Self.rtcpHeaderLength + Self.srtcpIndexLength + tagLength, in: &packet)
    let source = try admitSource(at: 4, of: &packet)
    try inbound.apply(srtp_unprotect_rtcp, to: &packet, room: 0)
    remember(source)
  }

  /// Refuses a packet that is too short. libsrtp2 refuses it as well, but finds header, tag and trailer by its length.
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

  /// Counts a source only after a packet of it was authentic, so that nobody else can use up the peer's sources.
  private mutating func remember(_ source: UInt32) {
    if !sources.contains(source) { sources.append(source) }
  }
}
