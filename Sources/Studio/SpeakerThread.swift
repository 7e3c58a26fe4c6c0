import Capture
import NIOCore
import Sound

/// The thread that mixes those who speak and plays them, a block each 20 ms while somebody does.
final class SpeakerThread: ThreadBody {
  private let speaker: Speaker
  private let output: SpeakerOutput
  private let mixer: Mixer
  private let onTrouble: @Sendable (SpeakerError?) -> Void
  private let block: UnsafeMutableBufferPointer<Float>
  private var reports: [Int: PlayoutReport] = [:]
  private var trouble: SpeakerError?
  private var silentBlocks = 0

  /// The card goes on for so long after the last sound: a viewer's pause is often short.
  private static let longestSilence = 100
  /// What was not played by then is not made up for: this thread was not run for a while.
  private static let mostDelay = TimeAmount.milliseconds(60)

  init(
    _ speaker: Speaker, _ output: SpeakerOutput, hasChime: Bool,
    onTrouble: @escaping @Sendable (SpeakerError?) -> Void
  ) {
    self.speaker = speaker
    self.output = output
    self.onTrouble = onTrouble
    mixer = Mixer(hasChime: hasChime)
    block = .allocate(capacity: SoundBlock.samples)
    block.initialize(repeating: 0)
  }

  deinit {
    block.deallocate()
  }

  func run() {
    while !speaker.isStopped {
      takeMessages()
      guard mixer.isOccupied else {
        speaker.wait()
        continue
      }
      playWhileOccupied()
    }
  }

  private func playWhileOccupied() {
    var due = NIODeadline.now()
    silentBlocks = 0
    while !speaker.isStopped, mixer.isOccupied, silentBlocks < Self.longestSilence {
      let now = NIODeadline.now()
      if now - due > Self.mostDelay { due = now }
      playBlock(now: due)
      due = due + SoundBlock.duration
      MonotonicClock.sleep(until: due)
    }
    output.pause()
    if mixer.isOccupied, !speaker.isStopped { speaker.wait() }
  }

  /// Takes what has been received until now, and plays 20 ms of it.
  func playBlock(now: NIODeadline) {
    takeMessages()
    mixer.isMuted = speaker.isMuted
    mixer.gain = Float(speaker.volume) / 100
    let isHeard = mixer.render(into: block, now: now)
    silentBlocks = isHeard ? 0 : silentBlocks + 1
    if let span = output.play(UnsafeBufferPointer(block)) {
      if isHeard { speaker.echo.tell(PlayedBlock(samples: Array(block), span: span)) }
    } else {
      mixer.blockLost()
    }
    tellCounters()
    guard output.trouble != trouble else { return }
    trouble = output.trouble
    onTrouble(trouble)
  }

  private func tellCounters() {
    speaker.report.counters = output.counters
    speaker.report.playout = output.playout
    speaker.report.drift = output.drift
    speaker.report.isInTrouble = output.trouble != nil
    for (voice, report) in reports {
      if let counters = mixer.counters(of: voice) { report.counters = counters }
    }
  }

  private func takeMessages() {
    speaker.messages.take { message in
      switch message {
      case .sound(let sound, let voice, let report):
        if reports[voice] == nil { reports[voice] = report }
        mixer.receive(sound, from: voice)
      case .left(let voice):
        reports[voice] = nil
        mixer.remove(voice)
      }
    }
  }
}
