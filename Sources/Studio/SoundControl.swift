import Dispatch
import NIOCore
import Synchronization

/// What the event loop tells a sound thread, without a lock.
package final class SoundControl: Sendable {
  /// In parts of a hundred.
  private let loss = Atomic<Int>(SoundControl.leastLoss)
  private let listening: Atomic<Bool>
  private let stopped = Atomic<Bool>(false)
  private let bell = DispatchSemaphore(value: 0)

  /// Some packets are lost on most paths, and are made up for before the first report.
  private static let leastLoss = 5
  /// For more, the sound would be coarse for all who hear it.
  private static let mostLoss = 25

  /// - Parameter isListening: whether somebody hears the sound from the beginning.
  package init(isListening: Bool = true) {
    listening = Atomic(isListening)
  }

  /// Sets which share of the packets, 0...1, the worst of the viewers does not get. It is kept within bounds, since FEC takes
  /// its part of the bitrate of all of them.
  package func setPacketLoss(_ share: Double) {
    let percent = Int((100 * max(0, min(share, 1))).rounded(.up))
    loss.store(max(Self.leastLoss, min(percent, Self.mostLoss)), ordering: .relaxed)
  }

  /// The share of lost packets, 0...1, for which a packet repeats the one before.
  var packetLoss: Double { Double(loss.load(ordering: .relaxed)) / 100 }

  /// Tells whether somebody hears the sound. A microphone is closed while nobody does; a film goes on.
  package func setListening(_ isListening: Bool) {
    listening.store(isListening, ordering: .relaxed)
    bell.signal()
  }

  var isListening: Bool { listening.load(ordering: .relaxed) }

  package func stop() {
    stopped.store(true, ordering: .relaxed)
    bell.signal()
  }

  package var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Blocks for that long, or until something else is told.
  func wait(_ time: TimeAmount) {
    _ = bell.wait(timeout: .now() + .nanoseconds(Int(time.nanoseconds)))
  }

  /// Blocks until something else is told.
  func wait() {
    bell.wait()
  }
}
