import Capture
import NIOCore
import Sound

/// The microphone is opened when the first viewer can hear it, and not while a call is set up, so that nobody is
/// listened to before; it takes a few milliseconds. It is closed when the last has gone, or hears nothing.
extension Broadcast {
  /// Whether there is sound to send, which of a film is known when it is open. A microphone that is missing may come.
  package func hasSound() -> EventLoopFuture<Bool> {
    switch video.sound {
    case .none: return eventLoop.makeSucceededFuture(false)
    case .microphone: return eventLoop.makeSucceededFuture(true)
    case .file:
      // A source that could not be opened, or has ended, is not opened again for those who joined before.
      guard control != nil else { return eventLoop.makeSucceededFuture(false) }
      // What is being closed says nothing of what is opened next.
      if !isEnding, let isHeard = sound.isSourceHeard { return eventLoop.makeSucceededFuture(isHeard) }
      return sound.wait(on: eventLoop)
    }
  }

  /// Whether a call for sound alone can be taken. The sound of a film is played beside its pictures only.
  package var hasSoundAlone: Bool { video.sound.isMicrophone }

  // MARK: Who hears it

  func setListening(_ isListening: Bool, for id: Int) {
    viewers[id]?.wantsSound = isListening
    applyListeners()
    if isListening { listen() } else { closeUnusedMicrophone() }
  }

  func setSoundLoss(_ share: Double, for id: Int) {
    viewers[id]?.soundLoss = share
    applyListeners()
  }

  func setPathRate(_ bitsPerSecond: Int?, for id: Int) {
    viewers[id]?.pathRate = bitsPerSecond
    applyListeners()
  }

  /// One encode is for all: those who lose most, or have the slowest path, can follow, and what that costs the others is
  /// bounded.
  func applyListeners() {
    let listeners = viewers.values.lazy.filter(\.isListening)
    let loss = listeners.map(\.soundLoss).max() ?? SoundControl.presumedLoss
    let rate = listeners.compactMap(\.pathRate).min()
    for control in [sound.control, control?.sound] {
      control?.setPacketLoss(loss)
      control?.setPathRate(rate)
    }
    // A microphone is closed instead.
    control?.sound.setListening(!listeners.isEmpty)
    if listeners.isEmpty { sound.fallSilent() }
  }

  private func send(_ encoded: EncodedSound, _ counters: SoundCounters) {
    sound.count(counters)
    for viewer in viewers.values where viewer.isListening { viewer.sink.send(encoded, counters) }
  }

  // MARK: The sound of the source

  func sourceOpened(_ place: SoundPlace, isFile: Bool = false, hasSound: Bool) {
    let isHeard = hasSound && control?.sound.isStopped == false
    sound.sourceOpened(place, isFile: isFile, hasSound: isHeard)
    sound.answer(isHeard || video.sound.isMicrophone)
    listen()
    matchMicrophone()
  }

  /// - Parameter source: the control of the source that it belongs to.
  func deliver(_ encoded: EncodedSound, _ counters: SoundCounters, of source: EncoderControl) {
    // What was on its way when the source ended, or its sound was no longer wanted, is not sent after other sound.
    guard source === control, !source.sound.isStopped, source.sound.isListening else { return }
    send(encoded, counters)
  }

  /// There is no source now, or another one is being opened.
  func soundSourceEnded() {
    if control == nil { sound.answer(false) }
    listen()
    matchMicrophone()
  }

  /// Takes other settings. The sound of a film ends at once if it is no longer wanted; for one that is wanted now, the film
  /// begins anew.
  func soundChanged(from old: VideoConfiguration) {
    guard (video.sound, video.soundBitrate) != (old.sound, old.soundBitrate) else { return matchMicrophone() }
    if video.sound != old.sound { sound.microphoneTrouble = nil }
    if !video.sound.isOfFile, let control {
      control.sound.stop()
      sound.sourceMuted()
    }
    if video.sound.isOfFile, video.sound != old.sound, sound.isSourceFile { _ = reopen() }
    reopenMicrophone()
  }

  // MARK: The microphone

  /// Opens the microphone if somebody can hear it, and once the camera is open, whose own it may be.
  func listen() {
    guard case .microphone(let name) = video.sound, sound.control == nil,
      viewers.values.contains(where: \.isListening), sound.openSource != nil || self.control == nil
    else { return }
    let control = SoundControl()
    sound.control = control
    applyListeners()
    let (source, openSource) = (video.source, sound.openSource)
    let (eventLoop, openMicrophone) = (eventLoop, openMicrophone)
    let thread = SoundThread(
      MicrophonePump(
        bitrate: video.soundBitrate, without: echo, until: control, after: sound.microphoneTrouble,
        onTrouble: { trouble in
          eventLoop.execute { self.assumeIsolated { $0.microphoneChanged(trouble, control) } }
        },
        open: { () throws(MicrophoneError) in
          // Asks the drivers of cameras, which may take their time.
          let place = openSource ?? SoundPlace(source: source, camera: CameraFinder.node(of: source))
          eventLoop.execute { self.assumeIsolated { $0.microphoneLookedFor(beside: place, control) } }
          return try openMicrophone(name, place.camera)
        }))
    thread.deliver = { sound, counters in
      eventLoop.execute { self.assumeIsolated { $0.deliver(sound, counters, ofMicrophone: control) } }
    }
    thread.ended = { eventLoop.execute { self.assumeIsolated { $0.microphoneClosed() } } }
    thread.start()
  }

  private func deliver(_ encoded: EncodedSound, _ counters: SoundCounters, ofMicrophone microphone: SoundControl) {
    guard !microphone.isStopped else { return }
    send(encoded, counters)
  }

  private func microphoneChanged(_ trouble: MicrophoneError?, _ microphone: SoundControl) {
    // Of one that is no longer wanted nobody need know.
    guard !microphone.isStopped else { return }
    sound.microphoneTrouble = trouble
    onEvent(.microphoneTrouble(trouble))
  }

  /// Why there is no sound from the microphone, or was none when somebody listened last: until then nobody knows. `nil` if
  /// there is.
  package var microphoneTrouble: MicrophoneError? { sound.microphoneTrouble }

  func closeUnusedMicrophone() {
    if !viewers.values.contains(where: \.isListening) { sound.control?.stop() }
  }

  /// Another one is asked for, or none.
  private func reopenMicrophone() {
    sound.control?.stop()
    listen()
  }

  func microphoneLookedFor(beside place: SoundPlace, _ microphone: SoundControl) {
    guard microphone === sound.control else { return }
    sound.microphonePlace = place
    matchMicrophone()
  }

  /// Opens the microphone of another camera, if it is another, and if the user names no microphone.
  private func matchMicrophone() {
    guard case .microphone(nil) = video.sound, let place = sound.microphonePlace else { return }
    let isRight =
      if let source = sound.openSource {
        source.camera == place.camera
      } else {
        // While it is being opened nothing is known yet.
        control != nil || video.source == place.source
      }
    if !isRight { reopenMicrophone() }
  }

  private func microphoneClosed() {
    sound.control = nil
    sound.microphonePlace = nil
    sound.soundEnded()
    // For whoever came in the meantime.
    listen()
  }
}
