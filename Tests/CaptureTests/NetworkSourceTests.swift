import NIOCore
import TestSupport
import Testing
import Video

@testable import Capture

@Suite("Video on the network", .serialized, .enabled(if: Clip.isPossible)) struct NetworkSourceTests {
  private static let counting = "-f lavfi -i testsrc=size=64x48:rate=25"

  private static func open(_ url: String, _ options: FileSource.Options = .init()) throws -> any VideoSource {
    try LiveSource.open(try #require(NetworkAddress(url)), options: options)
  }

  private static func error(opening url: String) -> CaptureError? {
    do {
      _ = try open(url)
      return nil
    } catch {
      return error as? CaptureError
    }
  }

  private static func times(_ source: any VideoSource) throws -> [Int] {
    var times: [Int] = []
    while let time = try source.nextFrame({ Int($0.captureTime.uptimeNanoseconds / 1_000_000) }) { times.append(time) }
    return times
  }

  @Test(
    "a film is a film, also behind a redirection and as a playlist", arguments: ["film.mp4", "redirect?", "film.m3u8"])
  func film(name: String) throws {
    let clip = try Clip()
    _ = try clip.make("film.mp4", "\(Self.counting) -frames:v 30 -c:v libx264 -g 10")
    _ = try clip.make("film.m3u8", "\(Self.counting) -frames:v 30 -c:v libx264 -g 10 -hls_time 0.4")
    let server = try MediaServer(directory: clip.path(""))
    let source = try Self.open(server.http + "/" + name + (name.hasSuffix("?") ? server.http + "/film.mp4" : ""))
    #expect(source.timeline == .media)
    #expect(try Self.times(source) == (0..<30).map { 40 * $0 })
  }

  /// Waits for so many new pictures of the source itself.
  private static func watch(_ source: any VideoSource, pictures: Int) throws {
    var seen = 0
    var last: [UInt8] = []
    while seen < pictures {
      let samples = try #require(try source.nextFrame { Samples(copying: $0) })
      #expect(samples.width == 64 && samples.height == 48)
      if source.hasSignal, samples.luma != last { seen += 1 }
      last = samples.luma
    }
  }

  private static func films() throws -> Clip {
    let clip = try Clip()
    _ = try clip.make("film.mp4", "\(counting) -frames:v 50 -c:v libx264 -g 10 -bf 0")
    _ = try clip.make("film.ts", "-i film.mp4 -c copy")
    _ = try clip.make("film.mjpeg", "-i film.mp4 -c:v mjpeg")
    return clip
  }

  @Test(
    "what comes for as long as it likes is live, and is connected again where it ends",
    arguments: ["rtsp/film.mp4", "http/live/film.ts", "http/mjpeg/film.mjpeg"])
  func live(path: String) throws {
    let clip = try Self.films()
    let server = try MediaServer(directory: clip.path(""))
    let address = path.hasPrefix("rtsp") ? server.rtsp + path.dropFirst(4) : server.http + path.dropFirst(4)
    let source = try Self.open(address)
    #expect(source.timeline == .live)
    // More than the film has.
    try Self.watch(source, pictures: 60)
    #expect(source.counters.framesCorrupt == 0)
  }

  @Test("a live source that is lost says so, with a picture that says there is no signal")
  func lost() throws {
    let clip = try Self.films()
    let server = try MediaServer(directory: clip.path(""))
    let source = try Self.open(server.rtsp + "/film.mp4")
    try Self.watch(source, pictures: 5)
    server.stop()
    while source.trouble == nil {
      // Whoever is lent a frame may ask for the trouble.
      #expect(try source.nextFrame { $0.width == 64 && source.hasSignal == (source.trouble == nil) } == true)
    }
    guard case .unreachable = source.trouble else {
      Issue.record("\(String(describing: source.trouble))")
      return
    }
    #expect(source.counters.framesWithoutSignal > 0)
  }

  @Test("an address leads to no file, be it by redirection, playlist, key or list of films")
  func noFiles() throws {
    let clip = try Clip()
    _ = try clip.make("film.ts", "\(Self.counting) -frames:v 30 -c:v libx264 -g 10")
    // A film of the disk that the server does not have.
    let other = try Clip()
    let film = try other.make("secret.ts", "\(Self.counting) -frames:v 30 -c:v libx264 -g 10")
    let server = try MediaServer(directory: clip.path(""))
    func playlist(_ segment: String, key: String = "") throws -> String {
      let text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n\(key)#EXTINF:2,\n\(segment)\n#EXT-X-ENDLIST\n"
      _ = try clip.write(text.utf8, to: "list.m3u8")
      return server.http + "/list.m3u8"
    }
    func list(_ entry: String) throws -> String {
      _ = try clip.write("ffconcat version 1.0\nfile '\(entry)'\n".utf8, to: "list.ffconcat")
      return server.http + "/list.ffconcat"
    }
    #expect(Self.error(opening: try playlist("film.ts")) == nil, "which is how it would be played")
    for entry in [
      "file:\(film)", "file://\(film)", film, "concat:\(film)", "subfile,,start,0,end,0,,:\(film)",
      "crypto:\(film)", "crypto+file:\(film)", "data:video/mp2t;base64,AAAA", "pipe:0",
    ] {
      #expect(Self.error(opening: try playlist(entry)) != nil, "\(entry)")
      #expect(Self.error(opening: try list(entry)) != nil, "\(entry)")
    }
    _ = try clip.write([UInt8](repeating: 0, count: 16), to: "key")
    let key = "#EXT-X-KEY:METHOD=AES-128,URI=\"file:\(clip.path("key"))\"\n"
    #expect(Self.error(opening: try playlist("film.ts", key: key)) != nil)
    #expect(Self.error(opening: server.http + "/redirect?file:\(film)") != nil)
    #expect(Self.error(opening: server.http + "/redirect?file://\(film)") != nil)
  }

  @Test("a format that opens addresses of its own, or that no camera or film has, is refused, in playlists too")
  func formats() throws {
    let clip = try Clip()
    for film in ["film.mpd", "film.nut", "film.ts"] {
      _ = try clip.make(film, "\(Self.counting) -frames:v 30 -c:v libx264 -g 10")
    }
    _ = try clip.write("ffconcat version 1.0\nfile film.ts\n".utf8, to: "list.ffconcat")
    let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfilm.nut\n#EXT-X-ENDLIST\n"
    _ = try clip.write(playlist.utf8, to: "list.m3u8")
    let server = try MediaServer(directory: clip.path(""))
    for name in ["film.mpd", "film.nut", "list.ffconcat"] {
      guard case .unsupported = Self.error(opening: server.http + "/" + name) else {
        Issue.record("\(name) must not be played")
        continue
      }
    }
    #expect(Self.error(opening: server.http + "/list.m3u8") != nil)
  }

  @Test("a certificate that nobody trusts ends it, be it that of the address or of what a playlist names")
  func certificate() throws {
    let clip = try Clip()
    _ = try clip.make("film.ts", "\(Self.counting) -frames:v 30 -c:v libx264 -g 10")
    let server = try MediaServer(directory: clip.path(""))
    func playlist(_ segment: String, key: String = "") throws -> String {
      let text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n\(key)#EXTINF:2,\n\(segment)\n#EXT-X-ENDLIST\n"
      _ = try clip.write(text.utf8, to: "list.m3u8")
      return server.http + "/list.m3u8"
    }
    #expect(Self.error(opening: try playlist(server.http + "/film.ts")) == nil, "which is how it would be played")
    #expect(Self.error(opening: try playlist(server.https + "/film.ts")) != nil)
    #expect(Self.error(opening: server.http + "/redirect?" + server.https + "/film.ts") != nil)
    let refused = try #require(Self.error(opening: server.https + "/film.ts"))
    #expect(refused.description.contains("certificate"), "\(refused)")
  }

  @Test("what is wrong is said without the password")
  func unreachable() throws {
    let clip = try Clip()
    let server = try MediaServer(directory: clip.path(""))
    let missing = try #require(Self.error(opening: server.http + "/none.mp4?token=secret"))
    #expect(missing == .unreachable(address: server.http + "/none.mp4", reason: "Server returned 404 Not Found"))
    let locked = try #require(Self.error(opening: server.http + "/locked"))
    #expect(locked.description.contains("401"), "\(locked)")
    _ = try clip.write("hello".utf8, to: "text.txt")
    guard case .notVideo? = Self.error(opening: server.http + "/text.txt") else {
      Issue.record("text is no video")
      return
    }
    let gone = try #require(Self.error(opening: "rtsp://ann:secret@127.0.0.1:9/"))
    #expect(gone == .unreachable(address: "rtsp://127.0.0.1:9/", reason: "Connection refused"))
  }
}
