import Call
import TestSupport
import Testing

@testable import Server

@Suite("What a viewer is sent, in words")
struct PictureStatusTests {
  @Test("is the size, the frame rate, the bitrate, and what limits them")
  func text() {
    #expect(
      PictureStatus(.sample())?.text == "640x360, 22 fps, 440 kbit/s, the network allows 480 kbit/s")
    var free = CallStatistics.sample()
    free.outboundRTP.qualityLimitationReason = "none"
    #expect(PictureStatus(free)?.text == "640x360, 22 fps, 440 kbit/s")
  }

  @Test("is nothing before the first picture")
  func none() {
    #expect(PictureStatus(.sample(seconds: 0)) == nil)
  }
}
