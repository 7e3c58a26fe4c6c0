import Account
import Capture
import Logging
import NIOCore
import Network
import Streamer

extension CameraServer {
  /// How it is doing, taken when somebody asks.
  var status: ServiceStatus {
    let now = NIODeadline.now()
    let video = configuration.video
    let code = people.pairing.flatMap { pairing in
      pairing.isOpen(now: now)
        ? ServiceStatus.PairingCode(code: pairing.code, expiresIn: Int((pairing.deadline - now).seconds)) : nil
    }
    let microphoneTrouble = broadcast.assumeIsolated { $0.microphoneTrouble }
    return ServiceStatus(
      timestamp: Double(WallClock.secondsSince1970) * 1000, program: Version.text,
      jid: client?.jid.description ?? configuration.account.jid.description, isConnected: client != nil, state: state,
      microphoneTrouble: microphoneTrouble?.description, source: NetworkAddress.shown(video.source),
      uptime: Int((now - startedAt).seconds),
      maximumViewers: configuration.maximumViewers, allowed: access.people.count + access.domains.count, pairing: code,
      calls: viewers.calls.map { call in
        call.assumeIsolated { Self.status(of: $0, hasMicrophone: microphoneTrouble == nil, now: now) }
      },
      events: output.events.all)
  }

  private static func status(
    of call: isolated CallDriver, hasMicrophone: Bool, now: NIODeadline
  ) -> ServiceStatus.Call {
    var status = ServiceStatus.Call(jid: PrintableText.from(call.peer.description))
    guard let since = call.streamingSince else { return status }
    status.duration = Int((now - since).seconds)
    guard let statistics = call.latestStatistics else { return status }
    let outbound = statistics.outboundRTP
    if outbound.framesSent > 0 {
      (status.frameWidth, status.frameHeight) = (outbound.frameWidth, outbound.frameHeight)
      status.framesPerSecond = outbound.framesPerSecond
      status.bitrate = outbound.bitrate
      status.qualityLimitationReason = outbound.qualityLimitationReason
    }
    status.availableOutgoingBitrate = statistics.candidatePair.availableOutgoingBitrate
    status.path = statistics.pathKind
    status.roundTripTime = statistics.roundTripTime
    status.fractionLost = statistics.remoteInboundRTP?.fractionLost
    status.hasSound = statistics.sound != nil && hasMicrophone
    return status
  }
}
