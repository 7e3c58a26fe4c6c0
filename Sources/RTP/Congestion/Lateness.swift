/// By how much a packet was later than on the empty path, in seconds.
struct Lateness: Sendable {
  /// If the bottleneck is as fast as it ever was: a rate that seems to have fallen explains nothing.
  var delay: Double
  /// The time that it waited, if the bottleneck is as fast as it seems to be.
  var wait: Double
}
