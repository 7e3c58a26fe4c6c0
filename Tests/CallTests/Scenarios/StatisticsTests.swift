import NIOCore
import RTP
import TestSupport
import Testing

@testable import Call

@Suite("Statistics of a call")
struct StatisticsTests {
  private static func source(_ frameWidth: Int, of width: Int = 1280) -> MediaSourceStatistics {
    var source = MediaSourceStatistics()
    (source.width, source.height) = (width, width * 9 / 16)
    (source.frameWidth, source.frameHeight) = (frameWidth, frameWidth * 9 / 16)
    return source
  }

  @Test("are those of the moment where somebody asks, and a second old at most elsewhere")
  func moment() throws {
    let world = try CallWorld.streaming()
    world.stream(for: .milliseconds(1_500))
    let call = try #require(world.camera.call)
    let latest = try #require(call.latestStatistics)
    let current = try #require(call.statistics(now: world.network.now))
    #expect(current.outboundRTP.framesSent > latest.outboundRTP.framesSent)
    #expect(current.transport.packetsSent > latest.transport.packetsSent)
    #expect(current.outboundRTP.headerBytesSent >= 12 * current.outboundRTP.packetsSent)
    // Asking changes nothing.
    #expect(call.latestStatistics == latest)
    world.camera.with { $0.interrupt(now: world.network.now) }
    #expect(call.statistics(now: world.network.now) == nil)
  }

  @Test("have rates in the first sample that has frames")
  func firstRates() throws {
    let world = try CallWorld.streaming()
    var statistics: CallStatistics?
    for _ in 0..<20 where statistics.map({ $0.outboundRTP.framesSent < 10 }) ?? true {
      world.stream(for: .milliseconds(100))
      statistics = world.camera.call?.latestStatistics
    }
    let outbound = try #require(statistics).outboundRTP
    #expect(outbound.framesSent >= 10 && outbound.framesPerSecond > 0 && outbound.bitrate > 0)
    #expect((outbound.framesPerSecond * 100).rounded() / 100 == outbound.framesPerSecond)
  }

  @Test("count the reports of the viewer, by which a new one is known")
  func reports() {
    var remote = RemoteInboundRTPStatistics()
    remote.reportsReceived = 3
    #expect(CallStatistics.RemoteInboundRTP(remote).reportsReceived == 3)
  }

  @Test("count how often the size has changed without the source's")
  func resolutionChanges() throws {
    let world = try CallWorld.streaming()
    for source in [
      Self.source(320), Self.source(640), Self.source(640), Self.source(1280), Self.source(640),
      // Another source.
      Self.source(480, of: 640), Self.source(320, of: 640),
    ] {
      world.camera.with { $0.throttle(source: source) }
    }
    let statistics = try #require(world.camera.call?.statistics(now: world.network.now))
    #expect(statistics.outboundRTP.qualityLimitationResolutionChanges == 4)
    #expect(statistics.outboundRTP.frameWidth == 320)
  }
}
