import NIOCore
import RTP

/// The sound of both sides.
extension PeerConnection {
  /// Whether sound is agreed, and its transport has completed its handshake.
  package var isSoundWritable: Bool { !isFailed && sound != nil && transport(of: .audio)?.isWritable == true }

  /// Packetizes, protects and sends 20 ms of sound.
  ///
  /// - Returns: whether it was sent: there is a format, a path, and a completed handshake.
  @discardableResult
  package func send(sound frame: RTPFrame, now: NIODeadline) -> Bool {
    guard !isFailed, let transport = transport(of: .audio), transport.isWritable, transport.hasPath
    else { return false }
    let sent = sound?.send(frame, over: transport, rate: availableOutgoingBitrate, now: now) ?? 0
    if sent > 0 { video?.soundSent(sent, now: now) }
    return sent > 0
  }

  /// Whether the peer's sound is received.
  package var receivesSound: Bool { soundReceiver?.isStopped == false }

  /// Drops what comes of the peer's sound from now on, unread. What was received is still told of.
  package func stopReceivingSound() {
    soundReceiver?.stop()
  }

  func sendSoundReport(now: NIODeadline) {
    guard let transport = transport(of: .audio) else { return }
    if sound?.isReportDue == true {
      let block = soundReceiver?.reportBlock(now: now)
      sound?.sendDueReport(over: transport, with: block.map { [$0] } ?? [], now: now)
    }
    // Who sends tells of what is received in the same report (RFC 3550 section 6.4).
    let isSending = sound?.deadline != nil
    soundReceiver?.sendDueReport(isToldOtherwise: isSending, over: transport, now: now)
  }

  // MARK: Statistics

  /// Of the sound; nil where none is agreed.
  package var outboundSoundStatistics: OutboundRTPStatistics? { sound?.statistics }
  package var remoteInboundSoundStatistics: RemoteInboundRTPStatistics? { sound?.remoteStatistics }
  /// What is received of the peer's sound; nil if none was ever wanted.
  package var inboundSoundStatistics: InboundRTPStatistics? { soundReceiver?.statistics }
  /// The SSRC of the peer's sound; nil before there is any.
  package var remoteSoundSSRC: UInt32? { soundReceiver?.remoteSSRC ?? nil }
}
