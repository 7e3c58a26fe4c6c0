import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Settings
@testable import jinglecam

@Suite("The record of a call's network")
struct NetworkRecorderTests {
  private let start = NIODeadline.uptimeNanoseconds(5_000_000_000)

  @Test("has rates and counts of the time since the line before, and the rest as it is")
  func sample() {
    var sampler = NetworkSampler()
    _ = sampler.sample(.sample(seconds: 1), streamingSince: start, at: start + .seconds(1))
    let sample = sampler.sample(.sample(seconds: 2), streamingSince: start, at: start + .milliseconds(1_500))
    #expect(sample.time == 1.5)
    // 58,320 bytes and the headers of 60 packets in half a second.
    #expect(sample.sentBitrate == (58_320 + 60 * 28) * 16)
    #expect(sample.deliveredBitrate == 57_500 * 16)
    #expect(sample.targetBitrate == 440_000 && sample.availableOutgoingBitrate == 483_000)
    #expect(sample.queueDelay == 0.012 && sample.pacerBytes == 1_500 && sample.pacerDelay == 0.02)
    #expect(sample.fractionLost == 0.02 && sample.roundTripTime == 0.04)
    #expect(sample.frameWidth == 640 && sample.frameHeight == 360)
    #expect(sample.quantizer == 60 && sample.qualityLimitationReason == "bandwidth")
    #expect(sample.framesSent == 22 && sample.keyFrames == 1 && sample.framesDropped == 3)
    #expect(sample.probePackets == 4)
    let still = sampler.sample(.sample(seconds: 2), streamingSince: start, at: start + .milliseconds(1_600))
    #expect(still.quantizer == nil && still.sentBitrate == 0 && still.keyFrames == 0)
  }

  @Test("begins with what was sent before the first line")
  func first() {
    var sampler = NetworkSampler()
    let sample = sampler.sample(.sample(seconds: 1), streamingSince: start, at: start + .milliseconds(100))
    #expect(sample.time == 0.1 && sample.keyFrames == 1 && sample.sentBitrate == (58_320 + 60 * 28) * 80)
  }

  @Test("leaves out what is not known without feedback")
  func withoutFeedback() {
    var sampler = NetworkSampler()
    let sample = sampler.sample(.sample(hasFeedback: false), streamingSince: start, at: start + .seconds(1))
    #expect(sample.deliveredBitrate == nil && sample.availableOutgoingBitrate == nil && sample.queueDelay == nil)
    #expect(sample.sentBitrate > 0)
  }

  @Test("goes on with a second call, whose counts begin anew")
  func secondCall() {
    var sampler = NetworkSampler()
    let second = start + .seconds(20)
    _ = sampler.sample(.sample(seconds: 8), streamingSince: start, at: start + .seconds(8))
    let sample = sampler.sample(.sample(seconds: 1, ssrc: 2), streamingSince: second, at: second + .seconds(1))
    #expect(sample.time == 21 && sample.keyFrames == 1 && sample.sentBitrate == (58_320 + 60 * 28) * 8)
  }

  @Test("is a JSON object a line, and replaces what was in the file")
  func file() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    try Data("former".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let recorder = try NetworkRecorder(path: file.path)
    for second in 1...3 {
      recorder.record(.sample(seconds: second), streamingSince: start, at: start + .seconds(Int64(second)))
    }
    recorder.drain()
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 4 && lines.last == "")
    let samples = try lines.dropLast().map { try JSONDecoder().decode(NetworkSample.self, from: Data($0.utf8)) }
    #expect(samples.map(\.time) == [1, 2, 3])
  }

  @Test(
    "in a file that cannot be written is refused in one line",
    arguments: ["/proc/self/nonexistent/file", "/", "/proc/self/status/x"])
  func unwritable(path: String) throws {
    do throws(SettingError) {
      _ = try NetworkRecorder(path: path)
      Issue.record("\(path) was opened")
    } catch {
      #expect(error.kind == .cannotCreate)
      #expect(error.description.hasPrefix("--record-network \(path) cannot be written ("))
    }
  }
}
