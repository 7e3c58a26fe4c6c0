import NIOCore
import Video

/// The frames of a live source, whose pictures another thread reads: the newest picture, the last one again while there
/// is no other, and a no-signal picture while the source is out of order.
///
/// It is a class because whoever is lent a frame may ask the source for its trouble meanwhile.
final class LiveFrames<Picture: Sendable> {
  /// Why the no-signal picture is shown; nil if it is not.
  private(set) var trouble: SourceTrouble?
  var counters: SourceCounters {
    var counters = ownCounters
    counters.framesSkipped += latest.replaced
    return counters
  }

  private let latest: LatestPicture<Picture>
  private var limiter: FrameRateLimiter?
  private var stills: StillTimeline
  private var noSignal = NoSignalPicture(width: 2, height: 2)
  /// The picture taken last, which is kept until there is a newer one.
  private var shown: Picture?
  private var lastPicture = NIODeadline.now()
  private let interruption: TimeAmount
  private var ownCounters = SourceCounters()

  /// - Parameters:
  ///   - limiter: what drops the pictures of a source that is faster than it may be.
  ///   - interruption: viewers are not told of a shorter one.
  init(
    _ latest: LatestPicture<Picture>, stills: StillTimeline, limiter: FrameRateLimiter?,
    interruption: TimeAmount = .zero
  ) {
    self.latest = latest
    self.stills = stills
    self.limiter = limiter
    self.interruption = interruption
  }

  deinit {
    if let shown { latest.giveBack(shown) }
  }

  /// Waits for the next frame.
  ///
  /// - Parameters:
  ///   - earliest: the time before which a picture is too old to be shown.
  ///   - format: of the no-signal picture.
  ///   - cause: why no pictures come; nil if the source may only be pausing.
  ///   - body: what a frame is lent to.
  ///   - lend: lends a picture, with its capture time, to `body`; nil if the picture is damaged.
  /// - Returns: nil after the end of the source.
  func next<R>(
    notBefore earliest: NIODeadline, in format: VideoFormat, unless cause: () -> SourceTrouble?,
    _ body: (borrowing VideoFrame) throws -> R, lend: (Picture, NIODeadline) throws -> R?
  ) rethrows -> R? {
    while true {
      let picture: Picture
      var time: NIODeadline
      let due = trouble == nil ? stills.due ?? .now() + StillTimeline.shortestPause : noSignal.due
      switch latest.take(until: due, givingBack: shown) {
      case .picture(let newest, let arrival):
        (picture, time) = (newest, arrival)
        shown = newest
        trouble = nil
        lastPicture = .now()
        // An old picture is not shown now, but it is repeated if the source pauses.
        if time < earliest {
          ownCounters.framesSkipped += 1
          stills.lent(at: .now())
          continue
        }
        guard limiter?.admits(time) ?? true else { continue }
      case .none:
        if let cause = cause(), .now() - lastPicture > interruption {
          return try showNoSignal(because: cause, in: format, body)
        }
        guard stills.due != nil, let last = shown else { continue }
        (picture, time) = (last, .now())
        ownCounters.framesRepeated += 1
      case .over:
        return nil
      }
      stills.lent(at: .now())
      if let result = try lend(picture, time) { return result }
      ownCounters.framesCorrupt += 1
      stills.forget()
    }
  }

  private func showNoSignal<R>(
    because cause: SourceTrouble, in format: VideoFormat, _ body: (borrowing VideoFrame) throws -> R
  ) rethrows -> R {
    if trouble == nil { noSignal = NoSignalPicture(width: format.width, height: format.height) }
    trouble = cause
    ownCounters.framesWithoutSignal += 1
    noSignal.waitForTurn()
    return try noSignal.withFrame(body)
  }
}
