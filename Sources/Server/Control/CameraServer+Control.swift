import Capture
import NIOCore
import Settings
import Streamer
import XMPP

/// What a camera does that was asked to.
extension CameraServer {
  /// Done, and what to say about it.
  ///
  /// - Parameter isBrief: what is long is for a menu.
  func perform(
    _ command: CameraCommand, for person: JID, _ role: AccessList.Role, isBrief: Bool = false
  ) async -> CommandAnswer {
    switch command {
    case .check: CommandAnswer(await check(isBrief: isBrief))
    case .help: CommandAnswer(CameraCommand.help(for: role, hasSpeaker: configuration.speaker != nil))
    case .status: CommandAnswer(status(for: person, role))
    case .viewers: CommandAnswer(audience)
    case .who: CommandAnswer(permissions)
    case .snapshot: await snapshot(for: role)
    case .callMe: CommandAnswer(call(person))
    case .stop: CommandAnswer(hangUp(orElse: "You are not in a call.") { $0.bare == person.bare })
    case .stopAll: CommandAnswer(hangUp(orElse: "Nobody is watching.") { _ in true })
    case .restart: CommandAnswer(restart())
    case .mute, .unmute: answer { () throws(CommandRefusal) in try setMuted(command == .mute) }
    // Never asked for without its form.
    case .allow, .forbid, .volume, .bitrate, .picture, .control: CommandAnswer(command.purpose)
    }
  }

  func answer(_ body: () throws(CommandRefusal) -> String) -> CommandAnswer {
    do throws(CommandRefusal) {
      return CommandAnswer(try body())
    } catch {
      return CommandAnswer(problem: error)
    }
  }

  private func status(for person: JID, _ role: AccessList.Role) -> String {
    let video = configuration.video
    let state = ServerState(
      isSourcePresent: broadcast.assumeIsolated { !$0.isSourceLost } && sourceState.isPresent, viewers: viewers.count,
      maximumViewers: configuration.maximumViewers,
      pictureSize: broadcast.assumeIsolated { $0.pictureSize } ?? video.size,
      maximumBitrate: video.limits.maximumBitrate)
    var lines = [state.text]
    // A file's path tells more of this computer than who watches need know.
    if role == .admin { lines.append("The source is \(NetworkAddress.shown(video.source)).") }
    broadcast.assumeIsolated { $0.microphoneTrouble }.map { lines.append($0.text(for: role)) }
    if let speaker {
      lines.append(
        speaker.isMuted ? "The loudspeaker is muted." : "The volume of the loudspeaker is \(speaker.volume).")
    }
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
    guard !viewers.isEmpty else { return "Nobody is watching." }
    return viewers.calls.map { call in
      call.assumeIsolated { call in
        guard let since = call.streamingSince else { return "\(call.peer): connecting" }
        return "\(call.peer): for \(Int((NIODeadline.now() - since).seconds)) s"
      }
    }.joined(separator: "\n")
  }

  private func hangUp(orElse nothing: String, on isMeant: (JID) -> Bool) -> String {
    let meant = viewers.calls.filter { call in isMeant(call.assumeIsolated { $0.peer }) }
    for call in meant { call.assumeIsolated { $0.interrupt() } }
    return switch meant.count {
    case 0: nothing
    case 1: "The call is over."
    default: "\(meant.count) calls are over."
    }
  }

  private func restart() -> String {
    broadcast.assumeIsolated { $0.reopen() }
      ? "The camera is being reopened." : "There is nothing to restart: the camera is off until somebody calls."
  }
}

extension MicrophoneError {
  /// A sentence on why nothing is heard. What runs on this computer only an admin may know.
  func text(for role: AccessList.Role) -> String {
    role == .admin ? "There is no sound: \(cause)." : "There is no sound at the moment."
  }
}
