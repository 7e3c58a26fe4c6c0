import Foundation
import Glibc
import NIOCore
import TestSupport
import Testing

@testable import Capture

@Suite("Faults of microphones") struct MicrophoneFaultTests {
  // MARK: In mid-stream

  @Test("an overrun is counted, and sound goes on with the right times")
  func overrun() throws {
    let microphone = try TestMicrophone { $0.frequency = 20 }
    let source = try microphone.open()
    _ = Recording(source, blocks: 10)
    // A reader that is late by more than the buffer, and a driver that says so by itself.
    microphone.standIn.sleep(until: microphone.standIn.now + 200_000_000)
    _ = Recording(source, blocks: 10)
    #expect(source.counters.overruns == 1)
    microphone.standIn.set(.overruns, 1)
    let recording = Recording(source, blocks: 50)
    #expect(source.counters.overruns == 2)
    #expect(source.counters.losses == 0 && source.counters.silentBlocks == 0 && source.trouble == nil)
    let tone = recording.tone(of: microphone.standIn)
    #expect(abs(tone.amplitude - 0.5) < 0.01)
    #expect(tone.lateness < .milliseconds(1) && tone.lateness > .milliseconds(-1))
  }

  @Test("a driver that does nothing but overrun is given up, and tried again less and less often")
  func overrunsForEver() throws {
    let microphone = try TestMicrophone()
    let source = try microphone.open()
    microphone.standIn.set(.overruns, .max)
    let recording = Recording(source) { ($0.last?.end ?? .uptimeNanoseconds(0)) < microphone.at(.seconds(60)) }
    #expect(recording.blocks.allSatisfy { $0.isSilent })
    #expect((10...25).contains(microphone.standIn.attemptCount))
    #expect(source.trouble == .lost(card: microphone.standIn.id, reason: "Input/output error"))
  }

  @Test("a driver that wakes its reader for nothing is given up")
  func emptyWakes() throws {
    let microphone = try TestMicrophone()
    let source = try microphone.open()
    _ = Recording(source, blocks: 10)
    microphone.standIn.set(.emptyWakes)
    #expect(Recording(source, blocks: 10).blocks.allSatisfy { $0.isSilent })
    #expect(source.counters.losses == 1)
    microphone.standIn.set(.emptyWakes, 0)
    #expect(!Recording(source, blocks: 100).blocks.last!.isSilent)
  }

  @Test("after the computer was suspended sound goes on", arguments: [0, 1] as [Int32])
  func suspended(_ cannotResume: Int32) throws {
    let microphone = try TestMicrophone()
    let source = try microphone.open()
    _ = Recording(source, blocks: 10)
    microphone.standIn.set(.resumeDelays, 5)
    microphone.standIn.set(.cannotResume, cannotResume)
    microphone.standIn.set(.suspended)
    #expect(Recording(source, blocks: 10).blocks.allSatisfy { !$0.isSilent })
    #expect(source.counters.suspensions == 1 && source.counters.losses == 0)
  }

  @Test("an unplugged card is replaced by silence without a gap, and comes back")
  func unplugged() throws {
    let microphone = try TestMicrophone()
    let source = try microphone.open()
    let before = Recording(source, blocks: 10)
    microphone.standIn.unplug()
    let without = Recording(source, blocks: 500)
    #expect(without.blocks.allSatisfy { $0.isSilent && $0.duration == .milliseconds(20) })
    #expect(without.largestGap == .zero)
    #expect(without.blocks[0].captureTime == before.blocks.last!.end)
    #expect(without.blocks.last!.end <= .uptimeNanoseconds(microphone.standIn.now))
    #expect(source.trouble == .lost(card: microphone.standIn.id, reason: "No such device"))
    #expect(source.counters.losses == 1 && source.counters.silentBlocks == 500)
    microphone.standIn.replug()
    let after = Recording(source) { $0.last.map { $0.isSilent } ?? true }
    // Within the longest time between two attempts.
    #expect(after.blocks.count < 225)
    #expect(after.largestGap <= .milliseconds(20))
    #expect(source.trouble == nil)
    let sound = Recording(source, blocks: 50)
    #expect(abs(sound.tone(of: microphone.standIn).amplitude - 0.5) < 0.01)
    #expect(sound.blocks[0].captureTime >= after.blocks.last!.captureTime)
  }

  @Test("another card that has the identifier now is not taken for the unplugged one")
  func replaced() throws {
    let first = try TestMicrophone()
    let id = first.standIn.id
    let source = try first.open()
    first.standIn.unplug()
    let other = try TestMicrophone {
      $0.id = id
      $0.name = "Another"
    }
    #expect(Recording(source, blocks: 1_000).blocks.allSatisfy { $0.isSilent })
    #expect(other.standIn.attemptCount == 0)
  }

  @Test("a card that another program takes meanwhile says so, and is waited for")
  func taken() throws {
    let microphone = try TestMicrophone()
    let source = try microphone.open()
    microphone.standIn.unplug()
    _ = Recording(source, blocks: 10)
    microphone.standIn.set(.openError, EBUSY)
    microphone.standIn.replug()
    #expect(Recording(source, blocks: 1_000).blocks.allSatisfy { $0.isSilent })
    #expect(source.trouble == .busy(card: microphone.standIn.id, holder: nil))
    microphone.standIn.set(.openError, 0)
    #expect(!Recording(source, blocks: 500).blocks.last!.isSilent)
  }

  @Test("a card that hangs lets its reader go each 50 ms, and is given up after two seconds")
  func stalled() throws {
    let microphone = try TestMicrophone()
    let source = try microphone.open()
    _ = Recording(source, blocks: 10)
    microphone.standIn.set(.stalled)
    let start = microphone.standIn.now
    for step in 1...39 {
      #expect(source.nextBlock { _, _ in true } == nil)
      #expect(microphone.standIn.now == start + UInt64(step) * 50_000_000)
    }
    #expect(source.trouble == nil)
    _ = Recording(source, blocks: 1)
    #expect(microphone.standIn.now <= start + 2_100_000_000)
    #expect(source.trouble == .lost(card: microphone.standIn.id, reason: "it is connected, but delivers no sound"))
    microphone.standIn.set(.stalled, 0)
    #expect(!Recording(source, blocks: 100).blocks.last!.isSilent)
  }

  // MARK: From the start

  @Test("a microphone in use by another program is reported with that program if possible")
  func busy() throws {
    let microphone = try TestMicrophone()
    let first = try microphone.open()
    #expect(microphone.failure() == .busy(card: microphone.standIn.id, holder: nil))
    let process = try ChildProcess(["/bin/sleep", "60"])
    defer {
      process.kill()
      process.wait()
    }
    let status = "state: RUNNING\nowner_pid   : \(process.processIdentifier)\n"
    try microphone.write(status, to: "proc/asound/card\(microphone.standIn.number)/pcm0c/sub0/status")
    let holder = "sleep (process \(process.processIdentifier))"
    // Until its exec is done, the child has our name.
    while microphone.directory.holder(ofCard: microphone.standIn.number) != holder { sched_yield() }
    #expect(microphone.failure() == .busy(card: microphone.standIn.id, holder: holder))
    #expect(!Recording(first, blocks: 5).blocks.last!.isSilent, "the first goes on")
  }

  @Test("a card that may not be opened says which group to join")
  func forbidden() throws {
    let microphone = try TestMicrophone()
    microphone.standIn.set(.openError, EACCES)
    let (id, number) = (microphone.standIn.id, microphone.standIn.number)
    try microphone.write("\(id)\n", to: "sys/class/sound/card\(number)/id")
    try microphone.write("", to: "sys/class/sound/pcmC\(number)D0c/dev")
    for name in [id, "\(number)"] {
      let failure = try #require(microphone.failure(name))
      #expect(failure == .forbidden(card: id, group: "audio"))
      #expect(failure.description.contains("usermod -aG audio"))
    }
  }

  @Test("a failing card says why")
  func failing() throws {
    let microphone = try TestMicrophone()
    microphone.standIn.set(.openError, EIO)
    #expect(microphone.failure() == .failed(card: microphone.standIn.id, reason: "Input/output error"))
    #expect(microphone.standIn.openCount == 0)
  }

  @Test("cards that are not there, only play, or have other formats are refused")
  func refused() throws {
    let microphone = try TestMicrophone()
    #expect(microphone.failure("Nothing") == .noSuchCard("Nothing"))
    #expect(microphone.failure("default") == .noSuchCard("default"))
    #expect(microphone.failure("9999") == .noSuchCard("9999"))
    for name in ["", ",", "Mic,x", "Mic,-1", "{type null}", "A:B", "AnIdentifierThatIsTooLong"] {
      #expect(microphone.failure(name) == .noSuchCard(name))
    }
    let id = microphone.standIn.id
    #expect(microphone.failure("\(id),3") == .notMicrophone(card: id, reason: "it has no recording device 3"))
    let player = try TestMicrophone { $0.device = -1 }
    #expect(player.failure() == .notMicrophone(card: player.standIn.id, reason: "it only plays"))
    for change in [{ $0.formats = .u8 }, { $0.channels = 9...9 }, { $0.rates = .list([192_000]) }]
      as [(inout MicrophoneStandIn.Description) -> Void]
    {
      let odd = try TestMicrophone(change)
      guard case .notMicrophone = odd.failure() else {
        Issue.record("\(String(describing: odd.failure()))")
        continue
      }
      #expect(odd.standIn.openCount == 0)
    }
  }

  @Test("a USB bus that has no bandwidth left is named", arguments: [ENOSPC, EPIPE])
  func bandwidth(_ code: Int32) throws {
    let microphone = try TestMicrophone()
    microphone.standIn.set(.openError, code)
    #expect(microphone.failure()?.description.contains("no bandwidth left; use another USB port") == true)
  }

  @Test("a card is opened by its number, and the device that records is found")
  func byNumber() throws {
    let microphone = try TestMicrophone { $0.device = 2 }
    for name in ["\(microphone.standIn.number)", microphone.standIn.id, "\(microphone.standIn.id),2"] {
      let source = try microphone.open(name)
      #expect(source.card == microphone.standIn.id)
      #expect(!Recording(source, blocks: 2).blocks.last!.isSilent)
    }
  }
}

extension TestMicrophone {
  /// A time after the card's creation.
  fileprivate func at(_ time: TimeAmount) -> NIODeadline { .uptimeNanoseconds(standIn.epoch) + time }
}
