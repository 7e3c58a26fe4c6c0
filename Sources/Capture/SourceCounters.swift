/// The numbers of pictures that a source skipped, repeated or replaced.
package struct SourceCounters: Sendable, Equatable {
  /// The pictures for which there was a newer one, or whose time had passed.
  package var framesSkipped = 0
  /// The damaged pictures: undecodable, truncated, or marked as damaged by the camera's driver.
  package var framesCorrupt = 0

  /// The pictures that were lent again because no other came.
  package var framesRepeated = 0
  /// The no-signal pictures of an absent or silent camera.
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
