import NIOCore

/// Somebody who speaks: what arrives, put into order, decoded, and given out in blocks of 20 ms.
///
/// Where the delay has to change it does so by a block that is made up in a pause, or by two that are faded into one.
final class Voice {
  /// Whether the chime has told of the speaker.
  var isAnnounced = false
  /// Whether the chime that is played is to tell of the speaker.
  var isToBeAnnounced = false

  private var buffer = JitterBuffer()
  private var decoder: OpusDecoder
  private let decoded: UnsafeMutableBufferPointer<Float>
  private let second: UnsafeMutableBufferPointer<Float>
  /// What is decoded and not given out yet.
  private var waiting = 0..<0
  private var duration = SoundBlock.samples
  private var isQuiet = true
  private var isConcealing = false
  private var blocksSinceChange = 0
  private var played = PlayoutCounters()

  /// Speech is louder than that by far.
  private static let quiet: Float = 0.005
  /// -60 dB below full scale.
  private static let audible = 0.001
  private static let tolerance = TimeAmount.milliseconds(30)
  /// More delay than that is taken away also while somebody speaks.
  private static let most = TimeAmount.milliseconds(80)
  private static let leastBlocksBetweenChanges = 10

  /// - Throws: `SoundError.codecUnavailable`.
  init() throws(SoundError) {
    decoder = try OpusDecoder(channels: 1)
    decoded = .allocate(capacity: OpusDecoder.mostSamples)
    second = .allocate(capacity: SoundBlock.samples)
  }

  deinit {
    decoded.deallocate()
    second.deallocate()
  }

  /// Whether nobody hears the last block: many clients send silence while they are muted.
  var isSilent: Bool { played.audioLevel < Self.audible }

  var counters: PlayoutCounters {
    var counters = played
    counters.packetsDiscarded = buffer.counters.late
    return counters
  }

  func receive(_ packet: ReceivedSound) {
    buffer.insert(packet)
  }

  /// Fills a block.
  ///
  /// - Returns: false if there is nothing to be heard; the block is unchanged then.
  func render(into block: UnsafeMutableBufferPointer<Float>, now: NIODeadline) -> Bool {
    blocksSinceChange += 1
    if let excess = buffer.excess(pending: waiting.count, now: now), blocksSinceChange > Self.leastBlocksBetweenChanges
    {
      if excess < .zero - Self.tolerance, isQuiet {
        blocksSinceChange = 0
        decoder.conceal(into: block)
        played.insertedSamplesForDeceleration += SoundBlock.samples
        return true
      }
      if excess > (isQuiet ? Self.tolerance : Self.most), buffer.hasTwo {
        blocksSinceChange = 0
        return renderTwo(into: block, now: now)
      }
    }
    return renderOne(into: block, now: now) > 0
  }

  private func renderTwo(into block: UnsafeMutableBufferPointer<Float>, now: NIODeadline) -> Bool {
    guard renderOne(into: block, now: now) > 0 else { return true }
    let removed = renderOne(into: second, now: now)
    guard removed > 0 else { return true }
    played.removedSamplesForAcceleration += removed
    for index in 0..<SoundBlock.samples {
      let share = Float(index) / Float(SoundBlock.samples)
      block[index] += share * (second[index] - block[index])
    }
    return true
  }

  /// - Returns: the samples that there were, the others being 0; if there were none, the block is unchanged.
  private func renderOne(into block: UnsafeMutableBufferPointer<Float>, now: NIODeadline) -> Int {
    var filled = 0
    while filled < SoundBlock.samples {
      guard !waiting.isEmpty || decodeNext(now: now) else { break }
      let count = min(waiting.count, SoundBlock.samples - filled)
      for index in 0..<count { block[filled + index] = decoded[waiting.lowerBound + index] }
      waiting = waiting.lowerBound + count..<waiting.upperBound
      filled += count
    }
    guard filled > 0 else {
      played.audioLevel = 0
      return 0
    }
    for index in filled..<SoundBlock.samples { block[index] = 0 }
    var energy: Float = 0
    for sample in block { energy += sample * sample }
    played.audioLevel = min(1, Double(energy / Float(SoundBlock.samples)).squareRoot())
    isQuiet = energy < Self.quiet * Self.quiet * Float(SoundBlock.samples)
    return filled
  }

  /// - Returns: false if there is nothing more to be heard for now.
  private func decodeNext(now: NIODeadline) -> Bool {
    switch buffer.pop(after: duration, now: now) {
    case .packet(let data):
      guard let count = try? decoder.decode(data, into: decoded) else { return conceal() }
      duration = count
      waiting = 0..<count
      played.jitterBufferEmittedCount += count
      played.jitterBufferDelay += Double(buffer.lastDelay.nanoseconds) / 1e9 * Double(count)
      record(isConcealed: false)
    case .lost(let next?):
      let room = UnsafeMutableBufferPointer(rebasing: decoded[..<duration])
      guard (try? decoder.recover(from: next, into: room)) != nil else { return conceal() }
      waiting = 0..<duration
      record(isConcealed: true)
    case .lost(nil), .late: return conceal()
    case .none: return false
    }
    return true
  }

  private func conceal() -> Bool {
    decoder.conceal(into: UnsafeMutableBufferPointer(rebasing: decoded[..<duration]))
    waiting = 0..<duration
    record(isConcealed: true)
    return true
  }

  /// Counts the samples that wait to be given out.
  private func record(isConcealed: Bool) {
    played.totalSamplesReceived += waiting.count
    if isConcealed {
      played.concealedSamples += waiting.count
      if !isConcealing { played.concealmentEvents += 1 }
    }
    isConcealing = isConcealed
  }
}
