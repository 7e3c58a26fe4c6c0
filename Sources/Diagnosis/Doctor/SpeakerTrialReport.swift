import Capture
import NIOPosix
import Studio

/// What came of the chime that a loudspeaker was to play.
enum SpeakerTrialReport: Equatable, Sendable {
  case played(SpeakerTrial)
  case refused(SpeakerError)

  /// On a thread of its own, since playing blocks.
  init(_ configuration: SpeakerConfiguration) async {
    do {
      self = .played(try await NIOThreadPool.singleton.runIfActive { try SpeakerTrial.run(configuration) })
    } catch let error as SpeakerError {
      self = .refused(error)
    } catch {
      self = .refused(.failed(card: configuration.card ?? "", reason: "\(error)"))
    }
  }

  var finding: DoctorFinding {
    switch self {
    case .played(let trial):
      let channels =
        trial.channelCount == 1 ? "mono" : trial.channelCount == 2 ? "stereo" : "\(trial.channelCount) channels"
      let text = "\(trial.name) (card \(trial.card)), \(trial.sampleRate) Hz, \(channels)"
      guard trial.underruns == 0 else {
        return .warning(
          .speaker, "\(text): this computer was late to play a chime, \(trial.underruns) times",
          fix: "see what else keeps it busy (top)")
      }
      return .ok(.speaker, "\(text), was given a chime; if you did not hear it, unmute it: alsamixer -c \(trial.card)")
    // The service keeps it open for as long as it runs.
    case .refused(.busy(let card, let holder?)) where holder.hasPrefix("jinglecam "):
      return .ok(.speaker, "card \(card) is in use by \(holder), which may be the service")
    case .refused(let error):
      return .warning(
        .speaker, "\(error.cause); nobody is heard", fix: error.cure ?? "jinglecam devices lists what each card offers")
    }
  }
}
