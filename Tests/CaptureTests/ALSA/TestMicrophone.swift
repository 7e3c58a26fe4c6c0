import Foundation
import NIOCore
import TestSupport

@testable import Capture

/// A made-up card in virtual time, with a `/sys` and a `/proc` of its own.
final class TestMicrophone {
  let standIn: MicrophoneStandIn
  let root: URL

  init(_ change: (inout MicrophoneStandIn.Description) -> Void = { _ in }) throws {
    var description = MicrophoneStandIn.Description()
    change(&description)
    standIn = try MicrophoneStandIn(description)
    root = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: root)
  }

  var directory: SoundDirectory { SoundDirectory(root: root.path) }

  var clock: MicrophoneClock {
    MicrophoneClock(
      now: { [standIn] in .uptimeNanoseconds(standIn.now) },
      sleep: { [standIn] in standIn.sleep(until: $0.uptimeNanoseconds) })
  }

  func open(_ name: String? = nil) throws(MicrophoneError) -> MicrophoneSource {
    try MicrophoneSource(name ?? standIn.id, in: directory, clock)
  }

  /// Why it cannot be opened; nil if it can.
  func failure(_ name: String? = nil) -> MicrophoneError? {
    do throws(MicrophoneError) {
      _ = try open(name)
      return nil
    } catch {
      return error
    }
  }

  /// Writes a file of the kernel.
  func write(_ text: String, to path: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// Makes the card a part of the USB device at that place, or a video node of it.
  func addInterface(_ interface: String, of device: String, as link: String) throws {
    try write("1\n", to: "sys/devices/usb1/\(device)/busnum")
    let (target, source) = (root.appending(path: "sys/devices/usb1/\(device)/\(interface)"), root.appending(path: link))
    for directory in [target, source.deletingLastPathComponent()] {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(at: source, withDestinationURL: target)
  }
}

/// Blocks of sound with their times.
struct Recording {
  struct Block {
    let samples: [Float]
    let captureTime: NIODeadline
    let channels: Int
    let rate: Int

    var duration: TimeAmount { .nanoseconds(Int64(samples.count / channels) * 1_000_000_000 / Int64(rate)) }
    var end: NIODeadline { captureTime + duration }
    var isSilent: Bool { samples.allSatisfy { $0 == 0 } }
  }

  private(set) var blocks: [Block] = []

  /// Records until `blocks` say that it is enough.
  init(_ source: MicrophoneSource, while isShort: ([Block]) -> Bool) {
    while isShort(blocks) {
      source.nextBlock { samples, time in
        blocks.append(
          Block(
            samples: Array(samples), captureTime: time, channels: source.channelCount, rate: source.sampleRate))
      }
    }
  }

  init(_ source: MicrophoneSource, blocks count: Int) {
    self.init(source) { $0.count < count }
  }

  /// The longest time between the end of a block and the beginning of the next, in either direction.
  var largestGap: TimeAmount {
    zip(blocks, blocks.dropFirst()).map { earlier, later in
      let gap = later.captureTime - earlier.end
      return gap < .zero ? .zero - gap : gap
    }.max() ?? .zero
  }

  /// The tone of a stand-in in a channel, and what is there besides.
  struct Tone {
    let amplitude: Double
    /// How much later than it was heard the capture times say that it was.
    let lateness: TimeAmount
    /// The amplitude of all that is not the tone (the root of its mean square).
    let rest: Double
  }

  /// Compares what was recorded with the tone at the times that the blocks say.
  func tone(of standIn: MicrophoneStandIn, channel: Int = 0) -> Tone {
    let angular = 2 * Double.pi * standIn.description.frequency
    var (inPhase, quadrature, power, count) = (0.0, 0.0, 0.0, 0.0)
    for block in blocks {
      let start = Double(Int64(block.captureTime.uptimeNanoseconds) - Int64(standIn.epoch)) / 1e9
      for frame in 0..<block.samples.count / block.channels {
        let angle = angular * (start + Double(frame) / Double(block.rate))
        let sample = Double(block.samples[frame * block.channels + channel])
        inPhase += sample * sin(angle)
        quadrature += sample * cos(angle)
        power += sample * sample
        count += 1
      }
    }
    let (a, b) = (2 * inPhase / count, 2 * quadrature / count)
    let amplitude = (a * a + b * b).squareRoot()
    return Tone(
      amplitude: amplitude, lateness: .nanoseconds(Int64(-atan2(b, a) / angular * 1e9)),
      rest: max(0, power / count - amplitude * amplitude / 2).squareRoot())
  }
}
