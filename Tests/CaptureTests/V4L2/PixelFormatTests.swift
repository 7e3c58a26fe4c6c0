import CV4L2
import Testing

@testable import Capture

@Suite("Pixel formats") struct PixelFormatTests {
  @Test("a format is identified by the four characters of videodev2.h")
  func names() {
    #expect(PixelFormat("YUYV").code == 0x5659_5559)
    #expect(PixelFormat(code: 0x3231_564e).name == "NV12")
    #expect(PixelFormat(code: 0x5659_5559) == "YUYV")
  }

  @Test("a big-endian variant and unprintable characters have a printable name")
  func oddNames() {
    #expect(PixelFormat(code: 0x8000_0000 | PixelFormat("Y16 ").code).name == "Y16 -BE")
    #expect(PixelFormat(code: 0x0102_0304).name == "????")
  }

  @Test(
    "raw sensor data is distinguished from pictures",
    arguments: [
      "BA81", "GBRG", "GRBG", "RGGB", "BYR2", "BG10", "GB10", "BA10", "RG10", "pBAA", "pGAA", "pgAA", "pRAA", "aBA8",
      "bRA8", "BD10", "RG12", "pRCC", "GR14", "pREE", "RG16", "PC1R",
    ] as [PixelFormat])
  func bayer(_ format: PixelFormat) {
    #expect(format.isBayer)
    #expect(format.way == nil)
  }

  @Test(
    "pictures are not taken for raw sensor data",
    arguments: [
      "YUYV", "UYVY", "NV12", "YU12", "MJPG", "JPEG", "H264", "RGB3", "BGR3", "BGR4", "RGBP", "RGBR", "GREY", "Y16 ",
      "Z16 ", "HEVC", "BA24", "RA24", "PJPG",
    ] as [PixelFormat])
  func noBayer(_ format: PixelFormat) {
    #expect(!format.isBayer)
  }

  @Test(
    "HSV is not supported, since libv4lconvert writes beyond its buffer",
    arguments: ["HSV3", "HSV4"] as [PixelFormat])
  func hsv(_ format: PixelFormat) {
    #expect(format.way == nil)
  }
}
