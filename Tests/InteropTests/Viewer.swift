import Foundation
import Testing

/// The independent client of `scripts/viewer`, and what it tells of a call.
struct Viewer: Sendable {
  private let program: Program

  /// Returns when it is online.
  init(_ account: String, in world: World, _ options: [String] = []) async throws {
    program = try Program(
      Call.scripts.appending(path: "viewer/run").path,
      [
        "--jid", account, "--password-file", world.passwordFile, "--server", world.server, "--ca-file", world.caFile,
        "--timeout", "40",
      ] + options)
    try await wait(for: "online")
  }

  struct Summary: Decodable {
    struct Path: Decodable, Equatable {
      let local: String
      let remote: String
    }
    let outcome: String
    let detail: String?
    let framesDecoded: Int
    let framesNumbered: Int
    let framesDistinct: Int
    let lastNumber: Int?
    let framesCompared: Int
    let framesSmaller: Int
    let frameWidth: Int?
    let frameHeight: Int?
    let psnrMedian: Double?
    let psnrMinimum: Double?
    let bitrate: Int?
    let soundSeconds: Double?
    let soundFrequency: Double?
    let soundLevel: Double?
    let soundGaps: Int?
    let soundGapShare: Double?
    let soundLeftOutShare: Double?
    let soundOffsets: [Double]?
    let path: Path?

    /// Whether each picture was one of the clip: a call begins with smaller ones, which are not compared, until it is known
    /// what the path takes.
    var isCompared: Bool {
      framesCompared + framesSmaller == framesDecoded && framesSmaller < framesCompared
    }
  }

  /// Reads on until the viewer tells of `event`, and says when that was read.
  @discardableResult
  func wait(for event: String) async throws -> ContinuousClock.Instant {
    _ = try await line(of: event)
    return .now
  }

  /// What it tells of `event`.
  func line(of event: String) async throws -> String {
    try await program.line(containing: #""event": "\#(event)""#)
  }

  /// The number of the last picture that it has seen, as it tells with `--part`.
  func lastNumber() async throws -> Int? {
    try await line(of: "part").firstMatch(of: #/"lastNumber": (\d+)/#).flatMap { Int($0.1) }
  }

  func interrupt() {
    program.interrupt()
  }

  /// Puts the call on hold, or takes it back.
  func hold(_ isHeld: Bool = true) throws { try program.signalChild(isHeld ? SIGUSR1 : SIGUSR2) }

  /// It stands still, and its server does not know.
  func freeze() throws { try program.signalChild(SIGSTOP) }

  /// Without a word.
  func die() throws { try program.signalChild(SIGKILL) }

  /// Its last words. A viewer that is not content with the call fails the test.
  func end(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Summary {
    let summary = try await summary()
    let code = try await program.end().code
    #expect(code == 0, "the viewer is not content: \(summary)", sourceLocation: sourceLocation)
    return summary
  }

  /// The same of one that need not be content.
  func summary() async throws -> Summary {
    try JSONDecoder().decode(Summary.self, from: Data(try await line(of: "summary").utf8))
  }
}
