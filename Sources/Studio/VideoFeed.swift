/// Where a call's pictures come from, and what the call may ask of it.
package protocol VideoFeed: Sendable {
  /// The viewer can see them from now on.
  func start()
  func requestKeyFrame()
  /// Tells what the viewer's network takes, in bits per second.
  ///
  /// - Parameter stable: the same without what is to be made up for at the moment: by this the size is chosen.
  func capBitrate(_ bitsPerSecond: Int, stable: Int)
  /// Tells whether the viewer hears sound: the call carries it, and is neither muted nor on hold. At first none does.
  func setListening(_ isListening: Bool)
  /// Tells which share of the sound's packets, 0...1, the viewer does not get.
  func setSoundLoss(_ share: Double)
  /// Tells what the viewer's path carries, in bits per second, with all headers; nil if nobody knows.
  func setPathRate(_ bitsPerSecond: Int?)
  /// The call is over, and what it asked for with it.
  func leave()
}

/// Where there is one viewer, there is one lane.
extension EncoderControl: VideoFeed {
  /// Of a further call the pictures do not begin: the encoder has sent a key frame to the one before.
  package func start() {
    requestKeyFrame()
    open()
  }

  package func requestKeyFrame() {
    lanes[0].requestKeyFrame()
  }

  package func capBitrate(_ bitsPerSecond: Int, stable: Int) {
    lanes[0].capBitrate(bitsPerSecond, stable: stable)
  }

  package func setListening(_ isListening: Bool) {
    sound.setListening(isListening)
  }

  package func setSoundLoss(_ share: Double) {
    sound.setPacketLoss(share)
  }

  package func setPathRate(_ bitsPerSecond: Int?) {
    sound.setPathRate(bitsPerSecond)
  }

  package func leave() {
    setListening(false)
    setSoundLoss(SoundControl.presumedLoss)
    setPathRate(nil)
    capBitrate(.max, stable: .max)
  }
}
