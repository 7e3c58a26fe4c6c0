import Capture
import NIOCore
import Sound

/// The sound of a ``Broadcast``.
struct BroadcastSound {
  /// The control of the sound thread of a microphone; nil while there is none.
  var control: SoundControl?
  /// What the source had when it was opened; nil before.
  private(set) var source: (hasSound: Bool, cameraPath: String?)?
  /// What was counted since the beginning, over all the times that there was sound.
  var counters: SoundCounters { former + current }
  private var former = SoundCounters()
  private var current = SoundCounters()
  /// Who waits for the source to be opened.
  private var waiting: [EventLoopPromise<Bool>] = []

  mutating func sourceOpened(hasSound: Bool, cameraPath: String?) {
    source = (hasSound, cameraPath)
    answer(hasSound)
  }

  mutating func count(_ counters: SoundCounters) { current = counters }

  /// The sound thread has ended.
  mutating func soundEnded() {
    former = counters
    current = SoundCounters()
  }

  mutating func sourceEnded() {
    if source?.hasSound == true { soundEnded() }
    source = nil
    answer(false)
  }

  mutating func wait(on eventLoop: any EventLoop) -> EventLoopFuture<Bool> {
    let promise = eventLoop.makePromise(of: Bool.self)
    waiting.append(promise)
    return promise.futureResult
  }

  private mutating func answer(_ hasSound: Bool) {
    for promise in waiting { promise.succeed(hasSound) }
    waiting = []
  }
}

/// The microphone is opened when the first viewer can hear it, and not while a call is set up, so that nobody is
/// listened to before; it takes a few milliseconds. It is closed when the last has gone.
extension Broadcast {
  /// Whether there is sound to send, which of a film is known when it is open. A microphone that is missing may come.
  package func hasSound() -> EventLoopFuture<Bool> {
    switch video.sound {
    case .none: eventLoop.makeSucceededFuture(false)
    case .microphone: eventLoop.makeSucceededFuture(true)
    case .file:
      if !SourceFactory.isFile(video.source) {
        eventLoop.makeSucceededFuture(false)
      } else if let source = sound.source {
        eventLoop.makeSucceededFuture(source.hasSound)
      } else {
        sound.wait(on: eventLoop)
      }
    }
  }

  func sourceOpened(hasSound: Bool, cameraPath: String?) {
    sound.sourceOpened(hasSound: hasSound, cameraPath: cameraPath)
    listen()
  }

  func deliver(_ encoded: EncodedSound, _ counters: SoundCounters) {
    sound.count(counters)
    for viewer in viewers.values where viewer.isWatching { viewer.sink.send(encoded, counters) }
  }

  func setSoundLoss(_ share: Double, for id: Int) {
    viewers[id]?.soundLoss = share
    applySoundLoss()
  }

  /// One encode is for all: the one who loses most can follow, and what that costs the others is bounded.
  func applySoundLoss() {
    let worst = viewers.values.lazy.map(\.soundLoss).max() ?? 0
    sound.control?.setPacketLoss(worst)
    control?.sound.setPacketLoss(worst)
  }

  /// Whether a call for sound alone can be taken. The sound of a film is played beside its pictures only.
  package var hasSoundAlone: Bool { video.sound.isMicrophone }

  /// Opens the microphone if somebody can hear it, and once the camera is open, whose own it may be.
  func listen() {
    guard case .microphone(let name) = video.sound, sound.control == nil, watching > 0,
      sound.source != nil || self.control == nil
    else { return }
    let control = SoundControl()
    sound.control = control
    applySoundLoss()
    let camera = sound.source?.cameraPath ?? CameraFinder.path(of: video.source)
    let (eventLoop, onEvent, openMicrophone) = (eventLoop, onEvent, openMicrophone)
    let thread = SoundThread(
      MicrophonePump(
        bitrate: video.soundBitrate, until: control, onTrouble: { onEvent(.microphoneTrouble($0)) },
        open: { () throws(MicrophoneError) in try openMicrophone(name, camera) }))
    thread.deliver = { sound, counters in
      eventLoop.execute { self.assumeIsolated { $0.deliver(sound, counters) } }
    }
    thread.ended = { eventLoop.execute { self.assumeIsolated { $0.microphoneClosed() } } }
    thread.start()
  }

  func closeUnusedMicrophone() {
    if watching == 0 { sound.control?.stop() }
  }

  /// Another one is asked for, or none.
  func reopenMicrophone() {
    sound.control?.stop()
    listen()
  }

  private func microphoneClosed() {
    sound.control = nil
    sound.soundEnded()
    // For whoever came in the meantime.
    listen()
  }
}
