import Capture
import NIOCore
import NIOPosix
import Network
import Studio
import XMPP

/// Whether there is a camera, known before somebody calls.
extension CameraServer {
  /// Looking costs a few system calls, and a camera that was unplugged is known before its owner has left the room.
  private static let interval = TimeAmount.seconds(5)

  /// Looks for the source every few seconds until the task is cancelled.
  func watchSource() async {
    // Folders of devices come and go with them, and look different in each container: names are looked at, not awaited.
    while (try? await eventLoop.wait(Self.interval)) != nil { await checkSource() }
  }

  func checkSource() async {
    let source = configuration.video.source
    let former = sourceState.presence
    let checked = try? await NIOThreadPool.singleton.runIfActive {
      var presence = former.source == source ? former : SourcePresence(source)
      presence.check()
      return presence
    }
    if let checked { found(checked) }
  }

  private func found(_ presence: SourcePresence) {
    let isFirst = !hasCheckedSource
    hasCheckedSource = true
    guard sourceState.update(presence, now: WallClock.secondsSince1970) else { return }
    let absent = isFirst ? "there is no camera yet, waiting for one" : "the source is gone, waiting for it"
    logger.notice(
      presence.isPresent ? "the source is available" : "\(absent)",
      metadata: ["source": "\(NetworkAddress.shown(presence.source))"])
    // What failed before is another one now.
    if presence.isPresent { broadcast.assumeIsolated { $0.forgetLoss() } }
    tellState()
  }

  /// Tells those who watch in a chat, since their calls only end; whoever is called or calls is on the list. Calls for
  /// sound alone go on.
  func sourceFailed(_ failure: StudioError) {
    let viewers = viewers.current.compactMap { call in
      call.assumeIsolated { $0.isForSoundAlone ? nil : $0.peer }
    }
    Task { await tell(viewers, of: failure) }
  }

  private func tell(_ viewers: [JID], of failure: StudioError) async {
    // Looked at now: it may have gone a moment ago.
    await checkSource()
    let outage = SourceOutage(failure: failure.description, missingSince: sourceState.missingSince)
    let text = outage.text(now: WallClock.secondsSince1970)
    for person in Set(viewers.map(\.bare)) where desk.answers.take(.outage, for: person, now: .now()) {
      send(ChatMessage.make(to: person, text))
    }
  }
}
