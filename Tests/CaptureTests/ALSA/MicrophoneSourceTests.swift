import NIOCore
import TestSupport
import Testing

@testable import Capture

@Suite("Microphones") struct MicrophoneSourceTests {
  private typealias Formats = MicrophoneStandIn.Description.Formats

  @Test(
    "each sample format gives the tone at its level, from one channel and from two",
    arguments: [Formats.s16, .s24Packed, .s24, .s32, .float] as [MicrophoneStandIn.Description.Formats],
    [1, 2] as [UInt32])
  func formats(_ format: MicrophoneStandIn.Description.Formats, _ channels: UInt32) throws {
    let microphone = try TestMicrophone {
      $0.formats = [.u8, format]
      $0.channels = channels...channels
    }
    let source = try microphone.open()
    #expect(microphone.standIn.format == format)
    #expect((source.sampleRate, source.channelCount) == (48_000, Int(channels)))
    let recording = Recording(source, blocks: 100)
    for channel in 0..<Int(channels) {
      let tone = recording.tone(of: microphone.standIn, channel: channel)
      #expect(abs(tone.amplitude - [0.5, 0.25][channel]) < 0.001)
      #expect(tone.rest < 0.02)
    }
    #expect(source.counters == MicrophoneCounters())
  }

  @Test("of more than two channels the first is taken", arguments: [3, 4, 6, 8] as [UInt32])
  func channels(_ count: UInt32) throws {
    let microphone = try TestMicrophone {
      $0.channels = count...count
      $0.formats = .s24Packed
    }
    let source = try microphone.open()
    #expect(source.channelCount == 1)
    #expect(abs(Recording(source, blocks: 50).tone(of: microphone.standIn).amplitude - 0.5) < 0.001)
  }

  @Test("a channel that hears nothing is given what the other hears, until it hears something")
  func silentChannel() throws {
    let microphone = try TestMicrophone { $0.channels = 2...2 }
    microphone.standIn.set(.oneChannel)
    let source = try microphone.open()
    let alone = Recording(source, blocks: 100)
    #expect(abs(alone.tone(of: microphone.standIn, channel: 1).amplitude - 0.5) < 0.001)
    microphone.standIn.set(.oneChannel, 0)
    _ = Recording(source, blocks: 50)
    let both = Recording(source, blocks: 100)
    #expect(abs(both.tone(of: microphone.standIn, channel: 1).amplitude - 0.25) < 0.001)
  }

  @Test(
    "the rate is 48 kHz, or else the nearest",
    arguments: [
      (.list([8_000, 16_000, 48_000, 96_000]), 48_000), (.list([16_000]), 16_000), (.list([8_000, 44_100]), 44_100),
      (.list([96_000]), 96_000), (.range(8_000...96_000), 48_000), (.range(8_000...32_000), 32_000),
    ] as [(MicrophoneStandIn.Description.Rates, Int)])
  func rates(_ rates: MicrophoneStandIn.Description.Rates, _ expected: Int) throws {
    let microphone = try TestMicrophone {
      $0.rates = rates
      $0.leastPeriod = 8
      // Its times jitter by a packet, as 44.1 kHz has no whole number of samples a millisecond.
      $0.frequency = 50
    }
    let source = try microphone.open()
    #expect(source.sampleRate == expected)
    #expect(microphone.standIn.period == expected / 100)
    #expect(microphone.standIn.buffer == 8 * (expected / 100))
    let tone = Recording(source, blocks: 100).tone(of: microphone.standIn)
    #expect(abs(tone.amplitude - 0.5) < 0.01)
  }

  @Test("sixteen bits are taken of a USB card, and the most of others, whose clock may depend on them")
  func preference() throws {
    let microphone = try TestMicrophone { $0.formats = [.s24, .s32, .s16] }
    _ = try microphone.open()
    #expect(microphone.standIn.format == .s32)
    try microphone.addInterface(
      "1-2:1.2", of: "1-2", as: "sys/class/sound/card\(microphone.standIn.number)/device")
    _ = try microphone.open()
    #expect(microphone.standIn.format == .s16)
  }

  @Test("floats that are no numbers become silence")
  func notANumber() throws {
    let microphone = try TestMicrophone { $0.formats = .float }
    microphone.standIn.set(.notANumber)
    let recording = Recording(try microphone.open(), blocks: 3)
    #expect(recording.blocks.allSatisfy { $0.isSilent })
  }

  // MARK: Times

  @Test("capture times are those at which the tone was heard", arguments: [-300, 0, 300] as [Double])
  func times(_ drift: Double) throws {
    let microphone = try TestMicrophone {
      $0.drift = drift
      // Its period is longer than any error that is to be seen.
      $0.frequency = 20
    }
    let recording = Recording(try microphone.open(), blocks: 300)
    // A packet of USB is a millisecond long, of which the timestamp is up to one late.
    #expect(recording.tone(of: microphone.standIn).lateness < .milliseconds(1))
    #expect(recording.tone(of: microphone.standIn).lateness > .milliseconds(-1))
    #expect(recording.largestGap <= .milliseconds(1))
  }

  @Test("capture times are right without timestamps, and with those of another clock", arguments: [true, false])
  func stamps(_ hasStamps: Bool) throws {
    let microphone = try TestMicrophone { $0.frequency = 20 }
    microphone.standIn.set(hasStamps ? .clockOffset : .noTimestamps, 90_000)
    let lateness = Recording(try microphone.open(), blocks: 100).tone(of: microphone.standIn).lateness
    #expect(lateness < .milliseconds(1) && lateness > .milliseconds(-1))
  }

  @Test("what the hardware holds back is older by that")
  func hardwareDelay() throws {
    let microphone = try TestMicrophone { $0.frequency = 20 }
    microphone.standIn.set(.hardwareDelay, 96)
    let lateness = Recording(try microphone.open(), blocks: 100).tone(of: microphone.standIn).lateness
    #expect(lateness < .milliseconds(-1) && lateness > .milliseconds(-3))
  }

  @Test("a block is read in one piece, by a reader that is woken once for it", arguments: [960, 961])
  func wholeBlocks(frames: Int) throws {
    let microphone = try TestMicrophone()
    let source = try microphone.open()
    _ = source.nextBlock(of: frames) { _, _ in }
    let start = microphone.standIn.now
    for _ in 0..<200 {
      let block = source.nextBlock(of: frames) { (count: $0.count / source.channelCount, time: $1) }
      #expect(block?.count == frames)
      // A period at most, and what the stand-in's reader sleeps too long.
      let end = try #require(block?.time).uptimeNanoseconds + 20_000_000
      #expect(microphone.standIn.now < end + 12_000_000)
    }
    let expected = start + UInt64(200 * frames) * 1_000_000_000 / 48_000
    #expect((expected - 12_000_000...expected + 12_000_000).contains(microphone.standIn.now))
  }

  @Test("a card with a short buffer is read before it is full", arguments: [960, 1_440])
  func shortBuffers(frames: UInt32) throws {
    let microphone = try TestMicrophone { $0.mostBuffer = frames }
    let source = try microphone.open()
    let recording = Recording(source, blocks: 100)
    #expect(source.counters == MicrophoneCounters())
    #expect(recording.largestGap <= .milliseconds(1))
    #expect(abs(recording.tone(of: microphone.standIn).amplitude - 0.5) < 0.001)
  }

  @Test("a card with long periods is read in short blocks")
  func longPeriods() throws {
    let microphone = try TestMicrophone { $0.leastPeriod = 4_800 }
    let recording = Recording(try microphone.open(), blocks: 50)
    #expect(microphone.standIn.period == 4_800)
    #expect(recording.blocks.allSatisfy { $0.duration < .milliseconds(21) })
    #expect(recording.largestGap <= .milliseconds(1))
    #expect(abs(recording.tone(of: microphone.standIn).amplitude - 0.5) < 0.001)
  }
}
