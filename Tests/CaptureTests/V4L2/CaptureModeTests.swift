import Testing
import Video

@testable import Capture

@Suite("The choice of a camera's format") struct CaptureModeTests {
  private static let vga = PictureSize(width: 640, height: 480)
  private static let hd = PictureSize(width: 1280, height: 720)

  private static func offer(_ format: PixelFormat, _ sizes: PictureSize...) -> FormatOffer {
    FormatOffer(format: format, description: "", sizes: .discrete(sizes))
  }

  private static func choose(
    _ offers: [FormatOffer], _ size: PictureSize = vga, _ rate: Int32 = 30,
    rates: (PixelFormat, PictureSize) -> RateOffer = { _, _ in .discrete([FrameRate(30)]) }
  ) -> CaptureMode? {
    CaptureMode.choose(from: offers, size: size, rate: FrameRate(rate), rates: rates)
  }

  @Test("of formats with equal size and rate the cheapest to encode is chosen")
  func cheapest() {
    let offers = ["MJPG", "RGBP", "YUYV", "NV12", "H264"].map { Self.offer($0, Self.vga) }
    #expect(Self.choose(offers)?.format == "NV12")
    #expect(Self.choose(offers.filter { $0.format != "NV12" })?.format == "YUYV")
    #expect(Self.choose(offers.filter { $0.format == "MJPG" || $0.format == "RGBP" })?.format == "MJPG")
  }

  @Test("grey is chosen only without a colour format, even if that is smaller, slower or more expensive")
  func colour() {
    let offers = [Self.offer("GREY", Self.hd), Self.offer("Y16 ", Self.hd), Self.offer("MJPG", Self.vga)]
    #expect(Self.choose(offers, Self.hd)?.format == "MJPG")
    #expect(Self.choose(Array(offers.prefix(2)), Self.hd)?.format == "GREY")
  }

  @Test("compressed video is chosen only without another colour format, even if that is worse")
  func video() {
    let offers = [Self.offer("HEVC", Self.hd), Self.offer("M420", Self.vga), Self.offer("GREY", Self.hd)]
    #expect(Self.choose(offers, Self.hd)?.format == "M420")
    #expect(Self.choose([offers[2], offers[0]], Self.hd)?.format == "HEVC")
  }

  @Test("a format that is too slow at the wanted size is not chosen if another is fast enough")
  func fastEnough() {
    // What USB 2 carries: raw pictures of this size come ten times a second.
    let mode = Self.choose([Self.offer("YUYV", Self.vga, Self.hd), Self.offer("MJPG", Self.vga, Self.hd)], Self.hd) {
      $0 == "YUYV" && $1 == Self.hd ? .discrete([FrameRate(10)]) : .discrete([FrameRate(30), FrameRate(15)])
    }
    #expect(mode == CaptureMode(format: "MJPG", size: Self.hd, rate: FrameRate(30)))
  }

  @Test("29.97 frames a second are not too slow for 30")
  func television() {
    let mode = Self.choose([Self.offer("YUYV", Self.vga), Self.offer("MJPG", Self.vga)]) { format, _ in
      .discrete([format == "YUYV" ? FrameRate(30_000, per: 1_001) : FrameRate(30)])
    }
    #expect(mode?.format == "YUYV")
  }

  @Test("the wanted size takes precedence over rate and cost")
  func sizeFirst() {
    let mode = Self.choose([Self.offer("NV12", Self.vga), Self.offer("MJPG", Self.hd)], Self.hd) { _, size in
      .discrete([FrameRate(size == Self.hd ? 5 : 30)])
    }
    #expect(mode?.format == "MJPG")
  }

  @Test(
    "the nearest available size is chosen",
    arguments: [
      (700, 500, 640, 480), (1000, 600, 1280, 720), (16, 16, 640, 480), (8000, 8000, 1280, 720),
    ])
  func nearestDiscrete(_ width: Int, _ height: Int, _ toWidth: Int, _ toHeight: Int) {
    let mode = Self.choose([Self.offer("YUYV", Self.vga, Self.hd)], PictureSize(width: width, height: height))
    #expect(mode?.size == PictureSize(width: toWidth, height: toHeight))
  }

  @Test(
    "a size between steps is rounded to a step within the range",
    arguments: [(645, 486, 644, 488), (10, 10, 20, 16), (5000, 5000, 1000, 1000)])
  func nearestStep(_ width: Int, _ height: Int, _ toWidth: Int, _ toHeight: Int) {
    let offer = FormatOffer(
      format: "YU12", description: "",
      sizes: .stepwise(
        smallest: PictureSize(width: 20, height: 16), largest: PictureSize(width: 1000, height: 1000),
        step: PictureSize(width: 4, height: 8)))
    #expect(
      offer.nearestSize(to: PictureSize(width: width, height: height))
        == PictureSize(width: toWidth, height: toHeight))
  }

  @Test("the next higher rate is chosen, or else the highest")
  func nearestRate() {
    let offer = RateOffer.discrete([FrameRate(30), FrameRate(15), FrameRate(5)])
    #expect(offer.nearest(to: FrameRate(10)) == FrameRate(15))
    #expect(offer.nearest(to: FrameRate(60)) == FrameRate(30))
    let range = RateOffer.range(slowest: FrameRate(1), fastest: FrameRate(60))
    #expect(range.nearest(to: FrameRate(24)) == FrameRate(24))
    #expect(range.nearest(to: FrameRate(90)) == FrameRate(60))
    let television = FrameRate(30_000, per: 1_001)
    #expect(RateOffer.discrete([FrameRate(60), television]).nearest(to: FrameRate(30)) == television)
    #expect(RateOffer.unknown.nearest(to: FrameRate(24)) == nil)
  }

  @Test("there is no mode if no format can be converted")
  func nothing() {
    #expect(Self.choose([]) == nil)
    #expect(Self.choose([Self.offer("RG10", Self.vga), Self.offer("MPG2", Self.vga)]) == nil)
  }
}
