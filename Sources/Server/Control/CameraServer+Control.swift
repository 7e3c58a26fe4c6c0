import Capture
import NIOCore
import Settings
import Streamer
import XMPP

/// What a camera does that was asked to.
extension CameraServer {
  /// Done, and what to say about it.
  func perform(_ command: CameraCommand, for person: JID, _ role: AccessList.Role) async -> CommandAnswer {
    switch command {
    case .check: CommandAnswer(await check())
    case .help: CommandAnswer(CameraCommand.help(for: role))
    case .status: CommandAnswer(status(for: person, role))
    case .viewers: CommandAnswer(audience)
    case .snapshot: await snapshot(for: role)
    case .callMe: CommandAnswer(call(person))
    case .stop: CommandAnswer(hangUp { $0.bare == person.bare })
    case .stopAll: CommandAnswer(hangUp { _ in true })
    case .restart: CommandAnswer(restart())
    // Never asked for without its form.
    case .bitrate, .picture, .control: CommandAnswer(command.purpose)
    }
  }

  private func status(for person: JID, _ role: AccessList.Role) -> String {
    let video = configuration.video
    var lines = [state]
    // A file's path tells more of this computer than who watches need know.
    if role == .admin { lines.append("source: \(NetworkAddress.shown(video.source))") }
    if let size = broadcast.assumeIsolated({ $0.pictureSize }) { lines.append("picture: \(size)") }
    lines.append("bitrate: at most \(video.limits.maximumBitrate / 1000)k")
    lines.append("viewers: \(viewers.count) of \(configuration.maximumViewers)")
    // Who else watches only an admin may know.
    for call in viewers.calls {
      call.assumeIsolated { call in
        guard role == .admin || call.peer.bare == person.bare else { return }
        call.latestStatistics.flatMap(PictureStatus.init).map { lines.append("\(call.peer): \($0.text)") }
      }
    }
    return lines.joined(separator: "\n")
  }

  private var audience: String {
    guard !viewers.isEmpty else { return "nobody watches" }
    return viewers.calls.map { call in
      call.assumeIsolated { call in
        guard let since = call.streamingSince else { return "\(call.peer): connecting" }
        return "\(call.peer): \(Int((NIODeadline.now() - since).seconds)) s"
      }
    }.joined(separator: "\n")
  }

  private func hangUp(on isMeant: (JID) -> Bool) -> String {
    let meant = viewers.calls.filter { call in isMeant(call.assumeIsolated { $0.peer }) }
    for call in meant { call.assumeIsolated { $0.interrupt() } }
    return switch meant.count {
    case 0: "there is no call to end"
    case 1: "the call is ended"
    default: "\(meant.count) calls are ended"
    }
  }

  private func restart() -> String {
    broadcast.assumeIsolated { $0.reopen() }
      ? "the camera is being opened anew" : "the camera opens when somebody calls"
  }
}
