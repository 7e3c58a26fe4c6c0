import Capture
import Sound
import Video

/// The thread that captures and encodes pictures. Sound has one of its own, so that it never waits behind a picture.
package enum VideoThread {
  package typealias Deliver = @Sendable (EncodedFrame, VideoCounters) -> Void
  package typealias DeliverSound = @Sendable (EncodedSound, SoundCounters) -> Void
  package typealias Ended = @Sendable (StudioError?) -> Void

  /// Moves `pump` to a thread of its own. `ended` is called there, with what stopped the pump, or `nil` at the end of
  /// the source.
  package static func start(
    _ pump: sending VideoPump, deliver: @escaping Deliver, deliverSound: @escaping DeliverSound = { _, _ in },
    ended: @escaping Ended
  ) {
    pump.onSound(deliverSound)
    Work(pump: pump, deliver: deliver, ended: ended).start()
  }

  /// The same where opening the source may take its time: that, too, is done there.
  package static func start(
    making make: @escaping @Sendable () throws(StudioError) -> VideoPump, deliver: @escaping Deliver,
    deliverSound: @escaping DeliverSound = { _, _ in }, ended: @escaping Ended
  ) {
    Work(
      make: { () throws(StudioError) in
        let pump = try make()
        pump.onSound(deliverSound)
        return pump
      }, deliver: deliver, ended: ended
    ).start()
  }

  private final class Work: ThreadBody {
    private var pump: VideoPump?
    private let make: () throws(StudioError) -> VideoPump?
    private let deliver: Deliver
    private let ended: Ended

    init(pump: VideoPump, deliver: @escaping Deliver, ended: @escaping Ended) {
      self.pump = pump
      make = { () throws(StudioError) in nil }
      self.deliver = deliver
      self.ended = ended
    }

    init(make: @escaping () throws(StudioError) -> VideoPump, deliver: @escaping Deliver, ended: @escaping Ended) {
      self.make = make
      self.deliver = deliver
      self.ended = ended
    }

    func run() {
      do {
        // Gone, with all that it holds open, when the end is told.
        try run(pump.take() ?? make())
        ended(nil)
      } catch {
        ended(StudioError(error))
      }
    }

    private func run(_ pump: VideoPump?) throws {
      try pump?.run(deliver: deliver)
    }
  }
}
