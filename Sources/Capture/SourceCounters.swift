/// What a source left out, and why.
package struct SourceCounters: Sendable, Equatable {
  /// There was a newer picture, or the time for it had passed.
  package var framesSkipped = 0
  /// Damaged: not decodable, cut short, or marked so by the camera's driver.
  package var framesCorrupt = 0

  /// Pictures that were lent again because no other came.
  package var framesRepeated = 0
  /// Pictures that stood for those of a camera that was not there, or silent.
  package var framesWithoutSignal = 0

  package init() {}

  package static func + (left: SourceCounters, right: SourceCounters) -> SourceCounters {
    var sum = left
    sum.framesSkipped += right.framesSkipped
    sum.framesCorrupt += right.framesCorrupt
    sum.framesRepeated += right.framesRepeated
    sum.framesWithoutSignal += right.framesWithoutSignal
    return sum
  }
}
