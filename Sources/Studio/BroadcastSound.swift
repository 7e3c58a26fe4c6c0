import NIOCore

/// The state of the sound of a ``Broadcast``.
struct BroadcastSound {
  /// The control of the sound thread of a microphone; nil while there is none.
  var control: SoundControl?
  /// Whether the source is open.
  private(set) var isSourceOpen = false
  /// The path of the camera's node; nil if the source is closed or no camera.
  private(set) var cameraPath: String?
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

  mutating func sourceOpened(hasSound: Bool, cameraPath: String?) {
    isSourceOpen = true
    isSourceHeard = hasSound
    self.cameraPath = cameraPath
  }

  mutating func count(_ counters: SoundCounters) { current = counters }

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
    isSourceOpen = false
    cameraPath = nil
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
