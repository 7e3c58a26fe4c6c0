import Testing

@testable import Capture

@Suite struct NetworkAddressTests {
  @Test(
    "an address is shown without what may be a secret",
    arguments: [
      ("rtsp://cam.example/stream1", "rtsp://cam.example/stream1"),
      ("RTSP://ann:secret@cam.example:554/stream1?token=secret#secret", "rtsp://cam.example:554/stream1"),
      ("http://ann:sec/ret@cam.example/", "http://cam.example/"),
      ("http://ann:sec?ret@cam.example/x", "http://cam.example/x"),
      ("http://ann:sec@ret@cam.example/", "http://cam.example/"), ("http://cam.example?secret", "http://cam.example"),
      ("rtmp://ann:secret@cam.example/x", "rtmp://cam.example/x"), ("/dev/video0", "/dev/video0"),
      ("a@b.mp4", "a@b.mp4"),
      ("no scheme://a@b", "no scheme://a@b"),
    ])
  func shown(source: String, expected: String) {
    #expect(NetworkAddress.shown(source) == expected)
  }

  @Test(
    "only what is played is an address",
    arguments: ["file:///x", "rtsps://x/", "rtmp://x/", "udp://x", "concat:a", "movie.mp4", "://x"])
  func others(source: String) {
    #expect(NetworkAddress(source) == nil)
  }

  @Test("schemes are those of any case", arguments: ["http", "HTTPS", "Rtsp"])
  func schemes(scheme: String) {
    #expect(NetworkAddress("\(scheme)://x/")?.isRTSP == scheme.lowercased().hasPrefix("rtsp"))
  }

  @Test("an address of another kind is refused by its kind, and a file of such a name is a file")
  func refusal() throws {
    let error = try #require(NetworkAddress.refusal(of: "rtmp://ann:secret@cam.example/x"))
    #expect(error.description.contains("only http, https and rtsp") && !error.description.contains("secret"))
    let unverified = try #require(NetworkAddress.refusal(of: "rtsps://ann:secret@cam.example/x"))
    #expect(unverified.description.contains("verify") && !unverified.description.contains("secret"))
    #expect(NetworkAddress.refusal(of: "movie.mp4") == nil)
  }
}
