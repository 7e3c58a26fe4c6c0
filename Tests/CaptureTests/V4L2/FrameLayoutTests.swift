import CV4L2
import Testing

@testable import Capture

@Suite("The layout that a driver states")
struct FrameLayoutTests {
  /// A single row needs no memory for its stride, so that the size of the buffer does not tell.
  @Test(
    "a stated stride is accepted up to the limit of libyuv, also with one field left out",
    arguments: [
      (V4L2_FIELD_NONE, 0x7FFF_FFFF, true), (V4L2_FIELD_NONE, 0x8000_0000, false),
      (V4L2_FIELD_INTERLACED, 0x3FFF_FFFF, true), (V4L2_FIELD_INTERLACED, 0x6900_0000, false),
    ] as [(v4l2_field, UInt32, Bool)], ["RGB3", "GREY", "NV12"] as [PixelFormat])
  func stride(of told: (field: v4l2_field, stride: UInt32, isBelieved: Bool), format: PixelFormat) {
    var answer = v4l2_format()
    answer.fmt.pix.pixelformat = format.code
    (answer.fmt.pix.width, answer.fmt.pix.height) = (64, 2)
    answer.fmt.pix.field = told.field.rawValue
    answer.fmt.pix.bytesperline = told.stride
    let layout = FrameLayout(answer, isMultiPlanar: false)
    #expect((layout != nil) == told.isBelieved)
    #expect(layout?.planes.allSatisfy { CInt(exactly: $0.stride) != nil } != false)
  }
}
