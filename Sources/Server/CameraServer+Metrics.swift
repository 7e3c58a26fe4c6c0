import Capture
import NIOCore
import Studio

extension CameraServer {
  var metrics: MetricsSnapshot {
    var snapshot = MetricsSnapshot()
    snapshot.isConnected = client != nil
    snapshot.isCameraPresent = sourceState.isPresent
    snapshot.counters = counters
    for call in viewers.calls {
      let statistics = call.assumeIsolated { $0.latestStatistics }
      statistics.map { snapshot.counters.add($0) }
      let path = statistics?.candidatePair
      snapshot.viewers.append(
        .init(
          number: viewers.number(of: call),
          roundTripTime: statistics?.roundTripTime, fractionLost: statistics?.remoteInboundRTP?.fractionLost,
          availableOutgoingBitrate: path?.availableOutgoingBitrate, queueDelay: path?.queueDelay,
          video: statistics.flatMap { .init($0.outboundRTP) }))
    }
    snapshot.viewers.sort { $0.number < $1.number }
    let (broadcasted, isSourceLost, microphoneTrouble) = broadcast.assumeIsolated {
      ($0.statistics, $0.isSourceLost, $0.microphoneTrouble)
    }
    snapshot.isMicrophonePresent = configuration.video.sound.isMicrophone ? microphoneTrouble == nil : nil
    snapshot.isCameraPresent = snapshot.isCameraPresent && !isSourceLost
    snapshot.video = broadcasted.video
    snapshot.sound = broadcasted.sound
    snapshot.speaker = configuration.speaker.map { _ in
      MetricsSnapshot.Speaker(
        isPresent: speaker.map { !$0.isInTrouble } ?? false, counters: speaker?.counters ?? SpeakerCounters(),
        drift: speaker?.drift ?? 0)
    }
    snapshot.sourceFailures = broadcasted.sourceFailures
    snapshot.watching = broadcasted.watching
    snapshot.logLinesLost = output.linesLost()
    snapshot.process = .current
    return snapshot
  }
}
