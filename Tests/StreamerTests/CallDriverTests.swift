import Call
import ICE
import Jingle
import Logging
import NIOCore
import NIOPosix
import SRTP
import TestSupport
import Testing
import XMPP

@testable import Streamer
@testable import Studio

@Suite("A call and what it waits for", .timeLimit(.minutes(1)))
struct CallDriverTests {
  private static func driver(
    hasSound: @escaping @Sendable () async -> Bool = { true }, voice: SpeakerVoice? = nil,
    feed: any VideoFeed = EncoderControl()
  ) throws -> CallDriver {
    CallDriver(
      .init(
        send: { _ in }, ice: { () throws(StreamError) in ICETransport.Configuration() }, addresses: { [] },
        oneWay: true, caFile: nil, hasSound: hasSound, voice: voice),
      .outgoing(
        OutgoingCall(
          sid: "sid", local: try JID("cam@example.org/pi"), peer: try JID("ann@example.net"),
          media: [.audio, .video])),
      certificate: try Certificate.forCall(), feed: feed,
      on: MultiThreadedEventLoopGroup.singleton.next(), reporter: SilentReporter(), logger: Logger(label: "test"))
  }

  @Test("a call that is over waits for no source")
  func over() async throws {
    let (asked, continuation) = AsyncStream.makeStream(of: Void.self)
    let (source, isOpen) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    let driver = try Self.driver(hasSound: {
      continuation.yield()
      for await _ in source {}
      return true
    })
    let running = Task {
      let finished = await driver.run()
      end.yield()
      return finished
    }
    _ = await asked.first { true }
    await driver.interrupt()
    // nil if the time limit has cancelled this.
    let isOver: Void? = await ended.first { true }
    #expect(isOver != nil)
    isOpen.finish()
    #expect(await running.value.result.isInterrupted)
  }

  @Test("the loudspeaker is told once of who may not speak any more, or has gone", arguments: [false, true])
  func leaves(losesRight: Bool) async throws {
    let speaker = Speaker(echo: EchoPath())
    func leavings() -> Int {
      var count = 0
      speaker.messages.take { if case .left = $0 { count += 1 } }
      return count
    }
    let driver = try Self.driver(hasSound: { true }, voice: speaker.makeVoice())
    let running = Task { await driver.run() }
    if losesRight {
      await driver.stopHearing()
      #expect(leavings() == 1)
    }
    await driver.interrupt()
    _ = await running.value
    #expect(leavings() == (losesRight ? 0 : 1))
  }

  @Test("the sound follows what the viewer's reports on it say")
  func soundLoss() async throws {
    let control = EncoderControl()
    let driver = try Self.driver(feed: control)
    let before = control.sound.packetLoss
    // Of the picture more is lost.
    await driver.receive(fractionLost: 0.3, ofSound: nil, report: 0)
    #expect(control.sound.packetLoss == before)
    await driver.receive(fractionLost: 0.3, ofSound: 0, report: 1)
    #expect(control.sound.packetLoss == 0)
    await driver.receive(fractionLost: 0, ofSound: 0.16, report: 2)
    #expect(control.sound.packetLoss == 0.08)
  }

  @Test("the sound fits what the path carries, also before there is a report on it")
  func soundOnSlowPath() async throws {
    let control = EncoderControl()
    let driver = try Self.driver(feed: control)
    await driver.receive(fractionLost: 0, ofSound: nil, report: 0, pathRate: 90_000)
    #expect(control.sound.bitrate(atMost: 64_000) == 30_000)
  }
}

extension CallDriver {
  /// Takes statistics as a call tells of them.
  fileprivate func receive(fractionLost picture: Double, ofSound sound: Double?, report: Int, pathRate: Int? = nil) {
    var statistics = CallStatistics.sample()
    statistics.candidatePair.availableOutgoingBitrate = pathRate
    statistics.remoteInboundRTP?.fractionLost = picture
    if let sound {
      statistics.remoteInboundSound = statistics.remoteInboundRTP
      statistics.remoteInboundSound?.fractionLost = sound
      statistics.remoteInboundSound?.reportsReceived = report
    }
    handle(.statistics(statistics))
  }
}
