import Capture
import NIOCore
import Studio
import Synchronization
import Video

/// Opens the source and encodes what it gives for a moment, in the way of `serve`, to see what that costs here.
struct VideoTrial: Sendable {
  let configuration: VideoConfiguration

  private static let duration = TimeAmount.seconds(3)

  enum Outcome: Sendable {
    case seen(VideoTrialReport)
    case refused(CaptureError)
    /// Another program fills a pipe, and may not be there now.
    case untried
    /// The encoder's, or what stopped the pump.
    case failed(String)

    /// nil if no camera was seen.
    var cameraPath: String? { if case .seen(let report) = self { report.mode?.path } else { nil } }
  }

  /// After a frame was encoded; all of it the video thread's own.
  private struct Sample {
    let captureTime: NIODeadline
    let processorTime: TimeAmount
    let counters: VideoCounters
  }

  private struct Source {
    let format: VideoFormat
    let mode: CameraMode?
    let remark: String?
    let isLive: Bool
  }

  private struct State {
    var source: Source?
    var refusal: CaptureError?
    /// The last there was, be it over.
    var trouble: SourceTrouble?
    /// The samples so far. No source gives more than some hundreds in the time.
    var samples: [Sample] = []
    var end: NIODeadline?
  }

  func run() async -> Outcome {
    guard !PipeSource.isPipe(configuration.source) else { return .untried }
    let control = EncoderControl()
    let state = Trial()
    control.start()
    let failure = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        VideoThread.start(
          making: { () throws(StudioError) in try pump(control, state) },
          deliver: { frame, counters in state.take(frame, counters, control) },
          ended: { continuation.resume(returning: $0) })
      }
    } onCancel: {
      control.stop()
    }
    return state.outcome(failure)
  }

  private func pump(_ control: EncoderControl, _ state: Trial) throws(StudioError) -> VideoPump {
    let source: any VideoSource
    do throws(CaptureError) {
      source = try SourceFactory.open(configuration)
    } catch {
      state.refuse(error)
      throw .source(error)
    }
    state.begin(source, until: .now() + Self.duration)
    do throws(VideoError) {
      // What the source's own size costs, however much smaller a slow host would make it.
      var limits = configuration.limits
      limits.isFixed = true
      let pump = try VideoPump(source: source, limits: limits, threads: 1, control: control)
      pump.onTrouble = state.meet
      return pump
    } catch {
      throw .encoder(error)
    }
  }

  /// What the video thread saw, for who waits for it.
  private final class Trial: Sendable {
    private let state = Mutex(State())

    func refuse(_ error: CaptureError) { state.withLock { $0.refusal = error } }

    func begin(_ source: any VideoSource, until end: NIODeadline) {
      let facts = Source(
        format: source.format, mode: source.cameraMode, remark: source.remark,
        isLive: source.timeline == .live)
      state.withLock {
        $0.source = facts
        $0.end = end
      }
    }

    func meet(_ trouble: SourceTrouble?) { state.withLock { $0.trouble = trouble ?? $0.trouble } }

    func take(_ frame: EncodedFrame, _ counters: VideoCounters, _ control: EncoderControl) {
      let sample = Sample(captureTime: frame.captureTime, processorTime: ThreadClock.now, counters: counters)
      let isOver = state.withLock { state in
        state.samples.append(sample)
        return state.end.map { $0 <= .now() } ?? true
      }
      if isOver { control.stop() }
    }

    func outcome(_ failure: (any Error)?) -> Outcome {
      state.withLock { state in
        if let refusal = state.refusal { return .refused(refusal) }
        guard failure == nil, let source = state.source else { return .failed(failure.map { "\($0)" } ?? "") }
        var report = Self.report(source, state.samples)
        report.trouble = state.trouble
        return .seen(report)
      }
    }

    /// Costs are those of the last third, when the encoder has come to the speed at which it keeps up.
    private static func report(_ source: Source, _ samples: [Sample]) -> VideoTrialReport {
      var report = VideoTrialReport(
        format: source.format, mode: source.mode, remark: source.remark, isLive: source.isLive)
      // What the source counted goes with the frame after: the last one only tells of those before it.
      guard let first = samples.first, let last = samples.dropLast().last, let source = samples.last?.counters.source
      else { return report }
      report.framesEncoded = last.counters.encoding.framesEncoded
      report.framesSkipped = source.framesSkipped - first.counters.source.framesSkipped
      report.framesCorrupt = source.framesCorrupt
      report.framesWithoutSignal = source.framesWithoutSignal
      report.framesRepeated = source.framesRepeated - first.counters.source.framesRepeated
      report.duration = last.captureTime - first.captureTime
      let settled = samples[(samples.count - 1) * 2 / 3]
      let frames = Int64(last.counters.encoding.framesEncoded - settled.counters.encoding.framesEncoded)
      guard frames > 0 else { return report }
      let encodeTime = last.counters.encoding.totalEncodeTime - settled.counters.encoding.totalEncodeTime
      report.encodeTime = .nanoseconds(encodeTime.nanoseconds / frames)
      report.processorTime = .nanoseconds((last.processorTime - settled.processorTime).nanoseconds / frames)
      return report
    }
  }
}
