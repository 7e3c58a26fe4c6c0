import Foundation
import Testing

/// The independent client of `scripts/viewer`, and what it tells of a call.
struct Viewer: Sendable {
  private let program: Program

  init(_ program: Program) {
    self.program = program
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
    let frameWidth: Int?
    let frameHeight: Int?
    let psnrMedian: Double?
    let psnrMinimum: Double?
    let bitrate: Int?
    let path: Path?
  }

  /// Reads on until the viewer tells of `event`, and says when that was read.
  @discardableResult
  func wait(for event: String) async throws -> ContinuousClock.Instant {
    try await program.line(containing: #""event": "\#(event)""#)
    return .now
  }

  /// Its last words. A viewer that is not content with the call fails the test.
  func end(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Summary {
    let line = try await program.line(containing: #""event": "summary""#)
    let summary = try JSONDecoder().decode(Summary.self, from: Data(line.utf8))
    let code = try await program.end().code
    #expect(code == 0, "the viewer is not content: \(line)", sourceLocation: sourceLocation)
    return summary
  }
}
