import NIOCore

/// A block of one channel that a loudspeaker plays, and where it is heard.
package struct PlayedBlock: Sendable {
  package let samples: [Float]
  package let span: CardSpan

  package init(samples: [Float], span: CardSpan) {
    self.samples = samples
    self.span = span
  }
}

/// What a loudspeaker played lately, for the microphone that heard it.
///
/// An adaptive filter cannot follow an echo whose delay moves. The delay is therefore taken from the times once, and then
/// from the counts of both cards' samples; only the drift of one card against another is followed (``ClockSkew``).
package struct EchoReference {
  /// What is known of the clocks, which remains true after the cards were closed.
  package private(set) var skew: ClockSkew
  private var blocks: [PlayedBlock] = []
  /// Whether the last block has come after the skew was last measured.
  private var isNew = false
  private var sinceMeasured = 0.0
  private var epochs: (microphone: NIODeadline, loudspeaker: NIODeadline)?
  /// What is to be added to the microphone's clock for the loudspeaker's, in seconds.
  private var difference = 0.0

  /// 640 ms: a block is told of before it is heard, and asked for after.
  private static let capacity = 32

  package init(skew: ClockSkew = ClockSkew()) {
    self.skew = skew
    blocks.reserveCapacity(Self.capacity)
  }

  package mutating func append(_ block: PlayedBlock) {
    if blocks.count == Self.capacity { blocks.removeFirst() }
    blocks.append(block)
    isNew = true
  }

  /// Fills `output` with what is heard while a microphone captures a block, and with silence where nothing is.
  ///
  /// - Parameter lead: by how much earlier, in seconds.
  package mutating func copy(from span: CardSpan, lead: Double, into output: UnsafeMutableBufferPointer<Float>) {
    output.update(repeating: 0)
    guard let last = blocks.last else { return }
    align(span, with: last.span)
    let start = span.start + difference + lead
    let step = span.duration / Double(output.count)
    for (number, block) in blocks.enumerated() where block.span.epoch == last.span.epoch {
      let before = (block.span.start - start) / step
      let range = Self.index(before)..<max(Self.index(before), Self.index(before + block.span.duration / step))
      let wanted = range.clamped(to: 0..<output.count)
      guard !wanted.isEmpty else { continue }
      let former = number > 0 ? blocks[number - 1].samples.last ?? 0 : 0
      let next = number + 1 < blocks.count ? blocks[number + 1].samples : []
      let scale = step * Double(block.samples.count) / block.span.duration
      for index in wanted {
        let position = max(0, (Double(index) - before) * scale)
        let whole = min(Int(position), block.samples.count - 1)
        func sample(_ place: Int) -> Float {
          if place < 0 { return former }
          if place < block.samples.count { return block.samples[place] }
          return place - block.samples.count < next.count ? next[place - block.samples.count] : 0
        }
        output[index] = Self.interpolate(
          sample(whole - 1), sample(whole), sample(whole + 1), sample(whole + 2), Float(position - Double(whole)))
      }
    }
  }

  /// Finds the difference of the clocks for a block of the microphone, and learns from a new block of the loudspeaker.
  private mutating func align(_ microphone: CardSpan, with loudspeaker: CardSpan) {
    let measured =
      Double((microphone.epoch - loudspeaker.epoch).nanoseconds) / 1e9 + microphone.lag - loudspeaker.lag
    if let epochs, epochs == (microphone.epoch, loudspeaker.epoch) {
      difference += skew.rate * microphone.duration
      sinceMeasured += microphone.duration
      if isNew {
        skew.add(measured, after: sinceMeasured)
        sinceMeasured = 0
      }
    } else {
      epochs = (microphone.epoch, loudspeaker.epoch)
      skew.restart(at: measured)
      (difference, sinceMeasured) = (measured, 0)
    }
    isNew = false
  }

  /// The first whole index that is not before a position, of those that are of interest.
  private static func index(_ position: Double) -> Int {
    Int(max(-1, min(position, Double(2 * SoundBlock.samples))).rounded(.up))
  }

  /// Lagrange's polynomial of the third degree, from -1, 0, 1 and 2.
  private static func interpolate(_ a: Float, _ b: Float, _ c: Float, _ d: Float, _ t: Float) -> Float {
    let (later, sooner) = ((t + 1) * t / 6, (t - 1) * (t - 2) / 6)
    return sooner * (3 * (t + 1) * b - t * a) + later * ((t - 1) * d - 3 * (t - 2) * c)
  }
}
