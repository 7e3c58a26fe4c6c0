import Capture
import NIOCore
import Sound
import Testing

@testable import Studio

@Suite("The sound of a microphone")
struct MicrophonePumpTests {
  private let microphone = MadeUpMicrophone()
  private let control = SoundControl()

  @Test("a microphone that another program has is asked for again until it is free, and that is told once")
  func busy() throws {
    var attempts = 0
    var troubles: [MicrophoneError?] = []
    var count = 0
    let pump = MicrophonePump(until: control, onTrouble: { troubles.append($0) }) {
      [microphone] () throws(MicrophoneError) in
      attempts += 1
      guard attempts > 2 else { throw .busy(card: "Mic", holder: "arecord") }
      return try microphone.open(nil)
    }
    pump.run { _ in
      count += 1
      if count == 5 { control.stop() }
    }
    #expect(attempts == 3)
    #expect(troubles == [.busy(card: "Mic", holder: "arecord"), nil])
  }

  @Test("one that is unplugged gives silence until it is back, which is told once each")
  func unplugged() throws {
    var troubles: [MicrophoneError?] = []
    var times: [NIODeadline] = []
    let pump = MicrophonePump(until: control, onTrouble: { troubles.append($0) }) {
      [microphone] () throws(MicrophoneError) in try microphone.open(nil)
    }
    pump.run { sound in
      times.append(sound.captureTime)
      switch times.count {
      case 20: microphone.unplug()
      case 60: microphone.replug()
      case 300: control.stop()
      default: break
      }
    }
    #expect(troubles.count == 2 && troubles.last == .some(nil))
    if case .lost? = troubles.first ?? nil {} else { Issue.record("\(troubles)") }
    // The times go on meanwhile, so that nothing waits for what never came.
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 < .milliseconds(150) })
    #expect(microphone.names.count == 1)
  }

  @Test("a microphone that never comes is no reason not to stop")
  func stopped() {
    var attempts = 0
    let pump = MicrophonePump(until: control, onTrouble: { _ in }) { [control] () throws(MicrophoneError) in
      attempts += 1
      control.stop()
      throw .noMicrophone
    }
    pump.run { _ in }
    #expect(attempts == 1)
  }
}
