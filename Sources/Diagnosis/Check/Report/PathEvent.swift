import Call
import NIOCore

/// The path that a call took, and what setting it up took.
struct PathEvent: CheckEvent {
  static let type = "path"

  let localCandidateType: String?
  let remoteCandidateType: String?
  let relayProtocol: String?
  let currentRoundTripTime: Double?
  let dtlsHandshakeTime: Double?
  let srtpCipher: String?
  /// Seconds from the viewer's acceptance to the first frame that left.
  let time: Double
  /// Seconds of video.
  let duration: Double
  let framesSent: Int

  init(_ statistics: CallStatistics, setupTime: Double?, duration: Double) {
    localCandidateType = statistics.localCandidate?.candidateType
    remoteCandidateType = statistics.remoteCandidate?.candidateType
    relayProtocol = statistics.localCandidate?.relayProtocol
    currentRoundTripTime = statistics.candidatePair.currentRoundTripTime
    dtlsHandshakeTime = statistics.transport.dtlsHandshakeTime
    srtpCipher = statistics.transport.srtpCipher
    time = setupTime ?? 0
    self.duration = duration
    framesSent = statistics.outboundRTP.framesSent
  }

  var text: String {
    var parts = ["from our \(localCandidateType ?? "?") to their \(remoteCandidateType ?? "?") candidate"]
    if let currentRoundTripTime { parts.append("round trip \(CheckText.time(currentRoundTripTime))") }
    if let dtlsHandshakeTime { parts.append("DTLS \(CheckText.time(dtlsHandshakeTime))") }
    parts.append("\(framesSent) pictures in \(CheckText.time(duration))")
    return parts.joined(separator: ", ")
  }
}
