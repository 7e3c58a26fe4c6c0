import CVPX
import NIOCore
import Video

/// libvpx's decoder: what a player would see.
final class VP8Decoder {
  private let context: UnsafeMutablePointer<vpx_codec_ctx_t>

  struct Failure: Error {
    var reason: String
  }

  init() {
    context = .allocate(capacity: 1)
    context.initialize(to: vpx_codec_ctx_t())
    precondition(cvpx_decoder_init(context, vpx_codec_vp8_dx()) == VPX_CODEC_OK)
  }

  deinit {
    vpx_codec_destroy(context)
    context.deallocate()
  }

  func decode(_ frame: EncodedFrame) throws -> Picture {
    let status = frame.data.withUnsafeReadableBytes {
      vpx_codec_decode(context, $0.baseAddress, UInt32($0.count), nil, 0)
    }
    guard status == VPX_CODEC_OK else { throw Failure(reason: String(cString: vpx_codec_err_to_string(status))) }
    var iterator: vpx_codec_iter_t?
    guard let image = vpx_codec_get_frame(context, &iterator)?.pointee else { throw Failure(reason: "no picture") }
    return Picture(
      copying: VideoFrame(
        width: Int(image.d_w), height: Int(image.d_h), luma: .init(base: image.planes.0!, stride: Int(image.stride.0)),
        chroma: .i420(
          u: .init(base: image.planes.1!, stride: Int(image.stride.1)),
          v: .init(base: image.planes.2!, stride: Int(image.stride.2))),
        captureTime: frame.captureTime))
  }
}
