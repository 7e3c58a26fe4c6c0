import Capture
import NIOCore

/// What a microphone may belong to.
struct SoundPlace {
  /// The name of the source.
  let source: String
  /// The path of the camera's node; nil if the source is no camera.
  let camera: String?
}

/// The state of the sound of a ``Broadcast``.
struct BroadcastSound {
  /// The control of the sound thread of a microphone; nil while there is none.
  var control: SoundControl?
  /// Beside what the microphone was looked for; nil until then.
  var microphonePlace: SoundPlace?
  /// Why there was no sound from the microphone when it was open last; nil if there was.
  var microphoneTrouble: MicrophoneError?
  /// The source that is open; nil while it is closed.
  private(set) var openSource: SoundPlace?
  /// Whether the source is open and a file.
  private(set) var isSourceFile = false
  /// Whether the source has sound of its own that is played; nil until that is known.
  private(set) var isSourceHeard: Bool?
  /// What was counted since the beginning, over all the times that there was sound.
  var counters: SoundCounters { former + current }
  private var former = SoundCounters()
  private var current = SoundCounters()
  /// Who waits for the source to be opened.
  private var waiting: [EventLoopPromise<Bool>] = []

  /// The source is no file, and its sound is not played.
  mutating func sourceIsSilent() {
    isSourceHeard = false
    answer(false)
  }

  mutating func sourceOpened(_ place: SoundPlace, isFile: Bool, hasSound: Bool) {
    openSource = place
    isSourceFile = isFile
    isSourceHeard = hasSound
  }

  mutating func count(_ counters: SoundCounters) { current = counters }

  /// Nobody listens.
  mutating func fallSilent() { current.fallSilent() }

  /// The sound thread has ended.
  mutating func soundEnded() {
    former = counters
    current = SoundCounters()
  }

  /// The sound of the source is no longer played, though its pictures are.
  mutating func sourceMuted() {
    guard isSourceHeard == true else { return }
    soundEnded()
    isSourceHeard = false
  }

  mutating func sourceEnded() {
    sourceMuted()
    isSourceHeard = nil
    isSourceFile = false
    openSource = nil
  }

  mutating func wait(on eventLoop: any EventLoop) -> EventLoopFuture<Bool> {
    let promise = eventLoop.makePromise(of: Bool.self)
    waiting.append(promise)
    return promise.futureResult
  }

  mutating func answer(_ hasSound: Bool) {
    for promise in waiting { promise.succeed(hasSound) }
    waiting = []
  }
}
