import Foundation
import Testing

@Suite(
  "jinglecam stream --record-network",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct RecordTests {
  /// The columns that JSON.md names; those that are not always known are optional.
  private struct Line: Decodable {
    let time: Double
    let targetBitrate, sentBitrate: Int
    let deliveredBitrate, availableOutgoingBitrate: Int?
    let queueDelay, pacerDelay: Double?
    let pacerBytes: Int?
    let fractionLost, roundTripTime: Double?
    let frameWidth, frameHeight: Int
    let quantizer: Double?
    let qualityLimitationReason: String
    let framesSent, keyFrames, framesDropped: Int
  }

  private static func draw(_ file: URL) async throws -> Program.End {
    try await Program(
      "/usr/bin/python3", [Call.scripts.appending(path: "plot").path, file.path]
    ).end()
  }

  /// Drawing takes a package of its own; that the record is one is said before.
  private static let isDrawn = FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/matplotlib")

  @Test("writes a line for each tenth of a second, also when it is interrupted, and scripts/plot reads it")
  func record() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString).jsonl")
    let picture = file.deletingPathExtension().appendingPathExtension("png")
    defer { for path in [file, picture] { try? FileManager.default.removeItem(at: path) } }
    let call = try Call()
    let viewer = try await call.viewer()
    let stream = try call.stream("pattern:320x240@25", changes: ["--record-network": file.path])
    try await viewer.wait(for: "first-frame")
    for _ in 0..<3 { try await stream.line(containing: #""type":"stats""#) }
    stream.interrupt()
    try await stream.success()
    _ = try await viewer.end()

    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    let lines = try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    let last = try #require(lines.last)
    // Of a busy machine's timers some are late.
    #expect(last.time >= 2.5 && lines.count >= 15 && lines.count <= Int(last.time * 10) + 1)
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.time < $1.time })
    #expect(last.frameWidth == 320 && last.frameHeight == 240)
    #expect(last.targetBitrate > 0)
    // All but those of the last tenth of a second.
    #expect((Int(last.time * 10)...Int(last.time * 26) + 2).contains(lines.map(\.framesSent).reduce(0, +)))
    #expect(lines.map(\.keyFrames).reduce(0, +) >= 1)
    #expect(lines.contains { $0.sentBitrate > 10_000 } && lines.contains { $0.quantizer ?? 0 > 0 })

    let plot = try await Self.draw(file)
    guard Self.isDrawn else {
      #expect(plot.code == 69 && plot.lines == ["plot: Debian's python3-matplotlib is missing; run scripts/setup plot"])
      return
    }
    try #require(plot.code == 0, "\(plot.lines)")
    #expect(try Data(contentsOf: picture).prefix(4) == Data([0x89, 0x50, 0x4e, 0x47]))
  }

  @Test("into a file that cannot be written ends in one line before anything goes over the network")
  func unwritable() async throws {
    let call = try Call()
    let stream = try call.stream("pattern", changes: ["--record-network": "/proc/self/nonexistent/record"])
    let end = try await stream.end()
    #expect(end.code == 73)
    #expect(end.messages.count == 1)
    #expect(end.messages.first?.contains("--record-network /proc/self/nonexistent/record cannot be written") == true)
    #expect(!end.lines.contains { $0.contains("logging-in") })
  }

  @Test("onto a full disk costs one line, and the call goes on")
  func full() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--count-frames", "50"])
    let stream = try call.stream("pattern:320x240@25", changes: ["--record-network": "/dev/full"])
    #expect(try await stream.success().messages == ["/dev/full is incomplete: No space left on device"])
    #expect(try await viewer.end().framesDecoded >= 50)
  }

  @Test(
    "what scripts/plot cannot draw is refused in one line",
    arguments: [("", 65), ("{}\n{}\n", 65), ("no JSON\n", 65), ("\u{0}\n", 65), ("[1]\n", 65)] as [(String, Int32)])
  func unreadable(content: String, code: Int32) async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString).jsonl")
    try Data(content.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let end = try await Self.draw(file)
    #expect(end.code == code)
    #expect(end.lines.count == 1 && end.lines.first?.hasPrefix("plot: \(file.path)") == true, "\(end.lines)")
    try FileManager.default.removeItem(at: file)
    #expect(try await Self.draw(file).code == 66)
  }
}
