import Capture
import NIOCore
import NIOPosix
import Studio

/// Records for a moment, in the way of `serve`, to hear whether there is anything to be heard.
struct MicrophoneTrial: Sendable {
  /// nil for the camera's own microphone, or else the first that records.
  let name: String?
  /// The path of the camera's node; nil if there is no camera.
  let camera: String?

  private static let duration = TimeAmount.seconds(2)

  enum Outcome: Equatable, Sendable {
    case heard(MicrophoneTrialReport)
    case refused(MicrophoneError)
  }

  /// On a thread of its own, since recording blocks.
  func run() async -> Outcome {
    do {
      return try await NIOThreadPool.singleton.runIfActive { record() }
    } catch {
      return .refused(.failed(card: name ?? "", reason: "\(error)"))
    }
  }

  private func record() -> Outcome {
    do throws(MicrophoneError) {
      let source = try SoundFactory.openMicrophone(name, besides: camera)
      var report = MicrophoneTrialReport(
        card: source.card, name: source.name, rate: source.sampleRate, channels: source.channelCount)
      let end = NIODeadline.now() + Self.duration
      while .now() < end {
        _ = source.nextBlock { samples, _ in report.add(samples) }
        if let trouble = source.trouble { throw trouble }
      }
      report.overruns = source.counters.overruns
      return .heard(report)
    } catch {
      return .refused(error)
    }
  }
}
