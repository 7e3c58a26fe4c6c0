import NIOCore

/// Something that reads what others wrote, in which libFuzzer searches for what it cannot bear (`scripts/fuzz`).
///
/// A target ends the process where something does not hold that must, whatever the input is.
struct FuzzTarget: Sendable {
  let name: String
  /// Inputs to begin with, one for each thing that can be read.
  let seeds: @Sendable () -> [[UInt8]]
  /// What inputs are made of that libFuzzer would take long to guess.
  let words: [String]
  let run: @Sendable (ByteBuffer) -> Void

  init(
    _ name: String, seeds: @escaping @Sendable () -> [[UInt8]], words: [String] = [],
    run: @escaping @Sendable (ByteBuffer) -> Void
  ) {
    self.name = name
    self.seeds = seeds
    self.words = words
    self.run = run
  }

  /// A target whose inputs are text.
  init(
    text name: String, seeds: [String], words: [String] = [],
    run: @escaping @Sendable (ByteBuffer) -> Void
  ) {
    self.init(name, seeds: { seeds.map { Array($0.utf8) } }, words: words, run: run)
  }

  static let all: [FuzzTarget] = [
    stun, ice, turn, rtcp, peer, sound, xml, stream, registration, invitation, jingle, call, sasl, names, certificate,
    dates, forms, chat, settings, status, y4m, jpeg, capture,
  ]
}

/// What `precondition` is, but says in a program built for speed too what did not hold.
func require(_ condition: Bool, _ message: @autoclosure () -> String = "it does not hold") {
  if !condition { fatalError(message()) }
}
