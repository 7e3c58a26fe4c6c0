import Capture
import NIOCore
import NIOPosix
import Network
import Studio
import XMPP

/// The loudspeaker that plays what viewers say who may speak.
extension CameraServer {
  private static let interval = TimeAmount.seconds(10)

  /// Opens the loudspeaker, and tries again every few seconds if it is not there, until the task is cancelled.
  func keepSpeaker() async {
    guard let configuration = configuration.speaker else { return }
    var told: SpeakerError?
    repeat {
      do {
        speaker = try await open(configuration)
        logger.notice("the loudspeaker is ready")
        return
      } catch let error as SpeakerError {
        if error != told {
          logger.error("\(error)", metadata: ["retry": "\(Self.interval.nanoseconds / 1_000_000_000) s"])
        }
        told = error
      } catch {
        return
      }
    } while (try? await eventLoop.wait(Self.interval)) != nil
  }

  /// Cards take their time, which the event loop has not.
  private func open(_ configuration: SpeakerConfiguration) async throws -> Speaker {
    let (logger, echo) = (logger, echo ?? EchoPath())
    return try await NIOThreadPool.singleton.runIfActive {
      try Speaker.open(configuration, echo: echo) { trouble in
        if let trouble { logger.warning("\(trouble)") } else { logger.notice("the loudspeaker is back") }
      }
    }
  }

  /// By which a person is heard; nil if there is no loudspeaker, or if the person may not speak.
  func voice(of person: JID) -> SpeakerVoice? {
    configuration.mayTalk(person, by: access) ? speaker?.makeVoice() : nil
  }

  /// Hears no longer who may not speak any more.
  func silence() {
    let (configuration, access) = (configuration, access)
    for call in viewers.calls {
      call.assumeIsolated { call in
        if !configuration.mayTalk(call.peer, by: access) { call.stopHearing() }
      }
    }
  }

  // MARK: What it is told

  func presentSpeaker() throws(CommandRefusal) -> Speaker {
    guard let speaker else {
      throw CommandRefusal(
        configuration.speaker == nil
          ? "this camera has no loudspeaker" : "the loudspeaker cannot be opened at the moment")
    }
    return speaker
  }

  /// Done, and what to say about it.
  func setVolume(_ text: String) throws(CommandRefusal) -> String {
    let speaker = try presentSpeaker()
    guard let volume = Int(text), (0...100).contains(volume) else {
      throw CommandRefusal("'\(text)' is not a volume; choose 0 to 100")
    }
    speaker.volume = volume
    return "The volume is now \(volume)\(speaker.isMuted ? "; the loudspeaker is muted" : "")."
  }

  /// Done, and what to say about it.
  func setMuted(_ isMuted: Bool) throws(CommandRefusal) -> String {
    try presentSpeaker().isMuted = isMuted
    return isMuted ? "The loudspeaker is muted." : "The loudspeaker is on."
  }
}
