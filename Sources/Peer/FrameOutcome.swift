/// What became of an encoded frame.
package enum FrameOutcome: Hashable, Sendable {
  package enum Drop: Hashable, Sendable {
    /// The viewer's network takes less than all frames, and none refers to this one.
    case throttled
    /// The peer wants no picture for a while.
    case muted
    /// The network does not take what was sent before.
    case congested
    /// There is nothing to send it over.
    case noPath
    /// It refers to one that was not sent; a key frame is asked for.
    case awaitsKeyFrame
    /// Not all of its packets could be sent; a key frame is asked for.
    case incomplete
  }

  case sent
  case dropped(Drop)
}
