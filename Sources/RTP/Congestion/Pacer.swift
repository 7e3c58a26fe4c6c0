import NIOCore

/// Holds encoded frames until the path takes them, and gives their packets out one by one.
///
/// A frame is packetized when its turn has come, so that a frame that is dropped before leaves no gap in the numbers of
/// pictures and packets.
package struct Pacer: Sendable {
  /// How long frames may wait in seconds: what comes later is too late for a call, and a new picture that fits the path
  /// is better. Behind a key frame they may wait longer, since to drop them would take another key frame.
  private static let longestWait = 0.5
  private static let longestWaitBehindKeyFrame = 1.0
  /// How long a key frame may wait in seconds for the rest of the frame that is being sent. It makes a picture less, as
  /// long as a frame interval.
  private static let longestRest = 0.04

  private typealias Held = (frame: RTPFrame, since: NIODeadline)

  private var frames = CircularBuffer<Held>()
  private var packets: RTPPackets?
  private var next: RTPPacket?
  private var current: Held?
  /// What is held, in bytes of payload.
  package private(set) var bytes = 0

  package init() {}

  package var isEmpty: Bool { next == nil && frames.isEmpty }
  /// Since when the next packet's frame has been held; nil if nothing is held.
  package var oldest: NIODeadline? { next != nil ? current?.since : frames.first?.since }

  /// What is dropped to make room for a frame.
  package enum Drop: Sendable {
    case nothing
    /// So many frames of temporal layer 1, to which no other refers.
    case enhancements(Int)
    /// So many frames, the frame itself included: what follows cannot be decoded before a key frame.
    case all(Int)
    /// So many frames that a key frame has overtaken. One of which a part was sent does not count.
    case overtaken(Int)
  }

  /// - Parameter rate: what the path carries in bits per second.
  package mutating func hold(_ frame: RTPFrame, rate: Double, now: NIODeadline) -> Drop {
    var drop = Drop.nothing
    if frame.isKeyFrame, !isEmpty {
      let waiting = removeFrames { _ in true }
      // A key frame is completed: where each were overtaken by the next, none would ever arrive.
      if current?.frame.isKeyFrame == false, Double(bytes) * 8 > rate * Self.longestRest { cut() }
      if waiting > 0 { drop = .overtaken(waiting) }
    } else if !fits(frame, rate: rate) {
      let enhancements = removeFrames { $0.temporalLayer > 0 }
      if enhancements > 0, fits(frame, rate: rate) {
        drop = .enhancements(enhancements)
      } else {
        return .all(enhancements + removeFrames { _ in true } + 1)
      }
    }
    frames.append((frame, now))
    bytes += frame.payload.readableBytes
    return drop
  }

  /// The next packet to be sent, since when its frame has been held, and the frame that it ends, if it is its last.
  ///
  /// - Parameter packetize: called with each frame whose turn has come.
  package mutating func popPacket(
    packetize: (RTPFrame) -> RTPPackets
  ) -> (packet: RTPPacket, heldSince: NIODeadline, ended: RTPFrame?)? {
    while next == nil {
      guard let held = frames.popFirst() else { return nil }
      var packets = packetize(held.frame)
      next = packets.next()
      self.packets = packets
      current = held
      if next == nil { bytes -= held.frame.payload.readableBytes }
    }
    guard let packet = next, let current else { return nil }
    bytes -= packet.fragment.readableBytes
    next = packets?.next()
    return (packet, current.since, next == nil ? current.frame : nil)
  }

  private var holdsKeyFrame: Bool {
    (next != nil && current?.frame.isKeyFrame == true) || frames.contains(where: \.frame.isKeyFrame)
  }

  /// A frame always fits where nothing waits: a key frame is never dropped for its size.
  private func fits(_ frame: RTPFrame, rate: Double) -> Bool {
    bytes == 0
      || Double(bytes) * 8 <= rate * (holdsKeyFrame ? Self.longestWaitBehindKeyFrame : Self.longestWait)
  }

  /// Sends no more of the frame that is being sent.
  private mutating func cut() {
    bytes = 0
    packets = nil
    next = nil
    current = nil
  }

  private mutating func removeFrames(where isDropped: (RTPFrame) -> Bool) -> Int {
    let count = frames.count
    frames.removeAll { held in
      guard isDropped(held.frame) else { return false }
      bytes -= held.frame.payload.readableBytes
      return true
    }
    return count - frames.count
  }
}
