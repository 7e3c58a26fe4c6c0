import Capture
import Dispatch
import Sound
import Synchronization

/// A loudspeaker that plays what viewers say: what the event loop tells its thread, without a lock.
package final class Speaker: Sendable {
  enum Message: Sendable {
    case sound(ReceivedSound, from: Int, PlayoutReport)
    case left(Int)
  }

  let messages = Mailbox<Message>(capacity: 256)
  let report = SpeakerReport()
  /// What is played, for the microphone that hears it.
  package let echo: EchoPath
  private let percent = Atomic<Int>(100)
  private let muted = Atomic<Bool>(false)
  private let stopped = Atomic<Bool>(false)
  private let waiting = Atomic<Bool>(false)
  private let nextVoice = Atomic<Int>(0)
  private let gate = DispatchSemaphore(value: 0)

  init(echo: EchoPath) {
    self.echo = echo
  }

  /// Opens the loudspeaker and starts its thread, which ends with ``stop()``.
  ///
  /// - Parameters:
  ///   - echo: takes what is played; of a loudspeaker that is opened again it can be the same.
  ///   - onTrouble: is called on the thread with why nothing is played, and with nil when it is again.
  /// - Throws: `SpeakerError`.
  package static func open(
    _ configuration: SpeakerConfiguration, echo: EchoPath = EchoPath(),
    onTrouble: @escaping @Sendable (SpeakerError?) -> Void
  ) throws(SpeakerError) -> Speaker {
    let speaker = Speaker(echo: echo)
    let output = try SpeakerOutput(configuration.card)
    SpeakerThread(speaker, output, hasChime: configuration.hasChime, onTrouble: onTrouble).start()
    return speaker
  }

  /// Someone who may be heard.
  package func makeVoice() -> SpeakerVoice {
    SpeakerVoice(speaker: self, id: nextVoice.add(1, ordering: .relaxed).newValue)
  }

  /// The volume in percent of the amplitude, from 0 to 100.
  package var volume: Int {
    get { percent.load(ordering: .relaxed) }
    set { percent.store(max(0, min(newValue, 100)), ordering: .relaxed) }
  }

  package var isMuted: Bool {
    get { muted.load(ordering: .relaxed) }
    set { muted.store(newValue, ordering: .relaxed) }
  }

  package var counters: SpeakerCounters { report.counters }
  package var playout: SpeakerPlayout { report.playout }
  /// The drift of the card's clock, in parts per million: above 0 if it is too fast.
  package var drift: Double { report.drift }

  /// Whether nothing is played although somebody is heard.
  package var isInTrouble: Bool { report.isInTrouble }

  package func stop() {
    stopped.store(true, ordering: .relaxed)
    gate.signal()
  }

  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  func tell(_ message: Message) {
    // Sound that cannot be taken is of no use later, but nobody is to stay who has left.
    let isSound = if case .sound = message { true } else { false }
    messages.put(message, mayExceed: !isSound)
    if waiting.exchange(false, ordering: .sequentiallyConsistent) { gate.signal() }
  }

  /// Blocks until there may be a message, or it is to stop.
  func wait() {
    waiting.store(true, ordering: .sequentiallyConsistent)
    // What came before that has woken nobody.
    guard messages.isEmpty, !isStopped else { return waiting.store(false, ordering: .relaxed) }
    gate.wait()
  }
}

/// Somebody who is heard by a loudspeaker.
package struct SpeakerVoice: Sendable {
  package let speaker: Speaker
  private let id: Int
  private let report = PlayoutReport()

  fileprivate init(speaker: Speaker, id: Int) {
    self.speaker = speaker
    self.id = id
  }

  package var counters: PlayoutCounters { report.counters }
  package func play(_ sound: ReceivedSound) { speaker.tell(.sound(sound, from: id, report)) }
  package func leave() { speaker.tell(.left(id)) }
}

/// The way of what is played to the microphone.
package final class EchoPath: Sendable {
  package init() {}

  private let blocks = Mailbox<PlayedBlock>(capacity: 64)

  func tell(_ block: PlayedBlock) { blocks.put(block) }
  func take(_ body: (PlayedBlock) -> Void) { blocks.take(body) }
}
