import NIOCore

extension CameraServer {
  var metrics: MetricsSnapshot {
    var snapshot = MetricsSnapshot()
    snapshot.isConnected = client != nil
    snapshot.isCameraPresent = sourcePresence.isPresent
    snapshot.counters = counters
    for call in calls {
      let statistics = call.assumeIsolated { $0.latestStatistics }
      statistics.map { snapshot.counters.add($0) }
      let reported = statistics?.remoteInboundRTP
      snapshot.viewers.append(
        .init(
          number: numbers[ObjectIdentifier(call)] ?? 0,
          roundTripTime: reported?.roundTripTime ?? statistics?.candidatePair.currentRoundTripTime,
          fractionLost: reported?.fractionLost))
    }
    snapshot.viewers.sort { $0.number < $1.number }
    let (broadcasted, isSourceLost) = broadcast.assumeIsolated { ($0.statistics, $0.isSourceLost) }
    snapshot.isCameraPresent = snapshot.isCameraPresent && !isSourceLost
    snapshot.video = broadcasted.video
    snapshot.sourceFailures = broadcasted.sourceFailures
    snapshot.watching = broadcasted.watching
    snapshot.logLinesLost = output.linesLost()
    snapshot.process = .current
    return snapshot
  }
}
