import CYUV
import Video

/// How far a picture is from what it has to be: peak signal-to-noise ratios in decibels.
struct Distance: CustomStringConvertible {
  let luma: Double
  /// `nil` where the picture is grey.
  let chroma: Double?

  /// Less than this is another picture: another layout or order of colours, or a stride that is not that of the driver.
  private static let least = 25.0

  init(luma: Double, chroma: Double?) {
    self.luma = luma
    self.chroma = chroma
  }

  /// Of the luma of each row from that of the row above it.
  init(betweenRowsOf frame: borrowing VideoFrame) {
    let (base, stride) = (frame.luma.base, Int32(frame.luma.stride))
    self.init(
      luma: CalcFramePsnr(
        base, stride, base + frame.luma.stride, stride, Int32(frame.width), Int32(frame.height - 1)),
      chroma: nil)
  }

  var isSmall: Bool { luma >= Self.least && chroma ?? luma >= Self.least }

  var description: String {
    func rounded(_ decibels: Double) -> String { "\((decibels * 10).rounded() / 10) dB" }
    return rounded(luma) + (chroma.map { "  " + rounded($0) } ?? "")
  }
}
