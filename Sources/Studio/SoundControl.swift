import Dispatch
import NIOCore
import Synchronization

/// What the event loop tells a sound thread, without a lock.
package final class SoundControl: Sendable {
  /// In parts of a hundred.
  private let loss = Atomic<Int>(SoundControl.percent(of: SoundControl.presumedLoss))
  /// In bits per second; the greatest number if nothing is known.
  private let pathRate = Atomic<Int>(.max)
  private let listening: Atomic<Bool>
  private let stopped = Atomic<Bool>(false)
  private let bell = DispatchSemaphore(value: 0)

  /// Before the first report there is FEC, so that also the first words are understood.
  package static let presumedLoss = 0.06
  /// With fewer losses FEC costs more of the quality than it saves: at 32 kbit/s, with libopus 1.3.1, speech without FEC
  /// has a PESQ of 4.2, and 3.8 with it; while 2 % are lost, the same has 3.5 without and 3.7 with it.
  private static let negligibleLoss = 0.01
  /// Below 6 % libopus codes no FEC at 32 kbit/s with the usual complexity.
  private static let leastLoss = 6
  /// For more, FEC would take so much of the bitrate that speech becomes worse whatever is lost.
  private static let mostLoss = 10

  /// In bits per second. With less, speech has no high frequencies if there is FEC, too: where 5 % are lost it has a PESQ
  /// of 2.7 at 20 kbit/s, and 3.2 at 24.
  private static let leastBitrate = 24_000
  /// Of a slow path the picture, and the headers of the sound, which take 20 kbit/s, have the rest.
  private static let part = 3

  /// - Parameter isListening: whether somebody hears the sound from the beginning.
  package init(isListening: Bool = true) {
    listening = Atomic(isListening)
  }

  /// Sets which share of the packets, 0...1, the worst of the viewers does not get, by their reports. Packets that
  /// are sent twice are reported as lost if neither arrives, so that FEC ends by itself while they are.
  package func setPacketLoss(_ share: Double) {
    loss.store(Self.percent(of: share), ordering: .relaxed)
  }

  private static func percent(of share: Double) -> Int {
    guard share >= negligibleLoss else { return 0 }
    return max(leastLoss, min(Int((100 * min(share, 1)).rounded(.up)), mostLoss))
  }

  /// The share of lost packets, 0...1, for which a packet repeats the one before; 0 for none.
  var packetLoss: Double { Double(loss.load(ordering: .relaxed)) / 100 }

  /// Sets what the worst of the viewers' paths carries, in bits per second; nil if nobody knows.
  package func setPathRate(_ bitsPerSecond: Int?) {
    pathRate.store(bitsPerSecond ?? .max, ordering: .relaxed)
  }

  /// The bitrate of the sound, in bits per second, so that it gets through slow paths as well.
  ///
  /// - Parameter most: the one where the path does not matter.
  func bitrate(atMost most: Int) -> Int {
    min(most, max(Self.leastBitrate, pathRate.load(ordering: .relaxed) / Self.part))
  }

  /// Tells whether somebody hears the sound. A microphone is closed while nobody does; a film goes on
  /// unencoded.
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
