import Capture
import NIOCore
import NIOPosix
import Network

/// Whether there is a camera, known before somebody calls.
extension CameraServer {
  /// Looking costs a few system calls, and a camera that was unplugged is known before its owner has left the room.
  private static let interval = TimeAmount.seconds(5)

  /// Until it is cancelled.
  func watchSource() async {
    // Folders of devices come and go with them, and look different in each container: names are looked at, not awaited.
    while (try? await eventLoop.wait(Self.interval)) != nil { await checkSource() }
  }

  func checkSource() async {
    let source = configuration.video.source
    let former = sourcePresence
    let checked = try? await NIOThreadPool.singleton.runIfActive {
      var presence = former.source == source ? former : SourcePresence(source)
      presence.check()
      return presence
    }
    if let checked { found(checked) }
  }

  private func found(_ presence: SourcePresence) {
    let wasPresent = sourcePresence.isPresent
    sourcePresence = presence
    guard presence.isPresent != wasPresent else { return }
    logger.notice(
      presence.isPresent ? "the source is there" : "the source is gone", metadata: ["source": "\(presence.source)"])
    // What failed before is another one now.
    if presence.isPresent { broadcast.assumeIsolated { $0.forgetLoss() } }
    tellState()
  }
}
