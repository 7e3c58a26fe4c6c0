import Foundation
import Testing

@Suite struct LinkTests {
  @Test("a start does not pay for FFmpeg: the program is not linked with it, nor by way of another library")
  func ffmpeg() async throws {
    let end = try await Program("/usr/bin/ldd", [Call.jinglecam]).end()
    #expect(end.code == 0)
    #expect(end.lines.contains { $0.contains("libvpx") })
    #expect(end.lines.filter { $0.contains("libav") || $0.contains("libsw") && !$0.contains("libswift") } == [])
  }
}
