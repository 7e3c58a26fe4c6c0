import Sound

/// Takes sound from its source at its pace and encodes it, once for all who hear it: the body of the sound thread.
protocol SoundPump: AnyObject {
  /// Runs until the pictures end.
  func run(deliver: (EncodedSound, SoundCounters) -> Void)
}
