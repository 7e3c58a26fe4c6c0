import NIOCore
import Testing
import Video

@testable import Setup

@Suite("A picture in the terminal")
struct TerminalPictureTests {
  /// The left half red and the right half blue, in BT.601 with the limited range.
  private func picture(width: Int = 64, height: Int = 48, columns: Int) -> TerminalPicture {
    let buffer = PictureBuffer(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width { buffer.luma[y * buffer.lumaStride + x] = x < width / 2 ? 81 : 41 }
    }
    for y in 0..<(height + 1) / 2 {
      for x in 0..<(width + 1) / 2 {
        buffer.u[y * buffer.chromaStride + x] = x < width / 4 ? 90 : 240
        buffer.v[y * buffer.chromaStride + x] = x < width / 4 ? 240 : 110
      }
    }
    return buffer.withFrame(captureTime: .uptimeNanoseconds(0)) { TerminalPicture($0, columns: columns) }
  }

  @Test("has the colours of the frame, and its shape with two pixels a cell")
  func colours() {
    let picture = picture(columns: 16)
    #expect(picture.width == 16 && picture.height == 12)
    let (red, blue) = (picture.pixels[0], picture.pixels[15])
    #expect(red.red > 245 && red.green < 10 && red.blue < 10)
    #expect(blue.blue > 245 && blue.green < 10 && blue.red < 10)
  }

  @Test("changes the colour only where it changes")
  func lines() {
    let lines = picture(columns: 16).lines(.direct)
    #expect(lines.count == 6)
    #expect(lines.allSatisfy { $0.split(separator: "\u{1b}").count == 3 && $0.hasSuffix("\u{1b}[0m") })
    #expect(lines[0].count { $0 == "\u{2580}" } == 16)
    #expect(picture(columns: 16).lines(.palette)[0].hasPrefix("\u{1b}[38;5;196;48;5;196m\u{2580}"))
    #expect(picture(columns: 16).lines(.none).isEmpty)
  }

  @Test(
    "fits any terminal and any frame",
    arguments: [(1, 1, 80), (3, 500, 80), (1920, 2, 80), (7, 5, 1), (641, 479, 1000)])
  func sizes(width: Int, height: Int, columns: Int) {
    let picture = picture(width: width, height: height, columns: columns)
    #expect(picture.width <= 64 && picture.height % 2 == 0)
    #expect(picture.pixels.count == picture.width * picture.height)
  }

  @Test("a terminal has the colours that it says, and none where none are wanted")
  func style() {
    func style(_ environment: [String: String]) -> TerminalStyle.Colours {
      TerminalStyle(environment: { environment[$0] }, columns: 80).colours
    }
    #expect(style(["TERM": "xterm"]) == .palette)
    #expect(style(["TERM": "xterm-256color", "COLORTERM": "truecolor"]) == .direct)
    #expect(style(["TERM": "xterm", "COLORTERM": "24bit", "NO_COLOR": "1"]) == .none)
    #expect(style(["TERM": "xterm", "NO_COLOR": ""]) == .palette)
    #expect(style(["TERM": "dumb"]) == .none && style([:]) == .none)
  }
}
