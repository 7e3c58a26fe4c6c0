/// The result of sending an encoded frame.
package enum FrameOutcome: Hashable, Sendable {
  package enum Drop: Hashable, Sendable {
    /// The viewer's network cannot carry all frames, and no other frame refers to this one.
    case throttled
    /// The peer has paused the video.
    case muted
    /// The network has not taken earlier packets yet.
    case congested
    /// It waited too long for the path, or would have; a key frame is requested.
    case late
    /// There is no path to the peer.
    case noPath
    /// The frame refers to one that was not sent; a key frame is requested.
    case awaitsKeyFrame
  }

  /// It has left, or leaves as the path takes it.
  case sent
  case dropped(Drop)
}
