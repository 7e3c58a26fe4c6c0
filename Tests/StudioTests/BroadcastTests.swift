import NIOCore
import NIOPosix
import Testing

@testable import Studio

@Suite("A picture of a source that nobody watches")
struct BroadcastTests {
  private static func broadcast(of source: String) -> Broadcast {
    Broadcast(
      VideoConfiguration(source: source, limits: .init(maximumBitrate: 200_000)),
      on: MultiThreadedEventLoopGroup.singleton.next())
  }

  @Test("is taken, for all who ask meanwhile, and the source is opened again for the next", .timeLimit(.minutes(1)))
  func pictures() async throws {
    let broadcast = Self.broadcast(of: "pattern:64x64@25")
    for _ in 0..<3 {
      let asked = await broadcast.takeTwo()
      let pictures = try await [asked[0].get(), asked[1].get()]
      #expect(pictures[0] == pictures[1])
      #expect(pictures[0].readableBytesView.starts(with: [0xff, 0xd8]))
    }
    #expect(await broadcast.watching == 0)
  }

  @Test("is refused with the source's own words where it cannot be opened, time after time", .timeLimit(.minutes(1)))
  func lost() async throws {
    let broadcast = Self.broadcast(of: "/nowhere/camera.mp4")
    for _ in 0..<2 {
      let error = await #expect(throws: StudioError.self) { try await broadcast.takeSnapshot().get() }
      #expect(error?.description.contains("/nowhere/camera.mp4") == true)
    }
    #expect(await broadcast.isSourceLost)
  }
}

extension Broadcast {
  /// Before either can be there.
  fileprivate func takeTwo() -> [EventLoopFuture<ByteBuffer>] { [takeSnapshot(), takeSnapshot()] }
}
