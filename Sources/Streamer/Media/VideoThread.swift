import Glibc
import Video

/// The thread that captures and encodes; one a medium, so that sound will never wait behind a picture.
package enum VideoThread {
  /// Moves `pump` to a thread of its own. `ended` is called there, with what stopped the pump, or nil at the end of
  /// the source.
  package static func start(
    _ pump: sending VideoPump, deliver: @escaping @Sendable (EncodedFrame, VideoCounters) -> Void,
    ended: @escaping @Sendable ((any Error)?) -> Void
  ) {
    let work = Unmanaged.passRetained(Work(pump: pump, deliver: deliver, ended: ended))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
        work.run()
        return nil
      }, work.toOpaque())
    precondition(status == 0, "a thread can be made")
    pthread_detach(thread)
  }

  private final class Work {
    private let pump: VideoPump
    private let deliver: @Sendable (EncodedFrame, VideoCounters) -> Void
    private let ended: @Sendable ((any Error)?) -> Void

    init(
      pump: VideoPump, deliver: @escaping @Sendable (EncodedFrame, VideoCounters) -> Void,
      ended: @escaping @Sendable ((any Error)?) -> Void
    ) {
      self.pump = pump
      self.deliver = deliver
      self.ended = ended
    }

    func run() {
      do {
        try pump.run(deliver: deliver)
        ended(nil)
      } catch {
        ended(error)
      }
    }
  }
}
