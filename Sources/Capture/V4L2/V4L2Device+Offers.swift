import CV4L2
import Video

/// The formats, sizes and rates that the camera offers. Every list is bounded, since a faulty driver may never end it.
extension V4L2Device {
  private static let mostEntries: UInt32 = 256

  borrowing func formatOffers() -> [FormatOffer] {
    var offers: [FormatOffer] = []
    for index in 0..<Self.mostEntries {
      var description = v4l2_fmtdesc()
      description.index = index
      description.type = bufferType.rawValue
      guard cv4l2_enum_fmt(descriptor, &description) == 0 else { break }
      let format = PixelFormat(code: description.pixelformat)
      offers.append(
        FormatOffer(format: format, description: String(bytesOf: description.description), sizes: sizes(of: format)))
    }
    return offers
  }

  private borrowing func sizes(of format: PixelFormat) -> FormatOffer.Sizes {
    var sizes: [PictureSize] = []
    for index in 0..<Self.mostEntries {
      var entry = v4l2_frmsizeenum()
      entry.index = index
      entry.pixel_format = format.code
      guard cv4l2_enum_framesizes(descriptor, &entry) == 0 else { break }
      guard entry.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else {
        let range = entry.stepwise
        return .stepwise(
          smallest: PictureSize(width: Int(range.min_width), height: Int(range.min_height)),
          largest: PictureSize(width: Int(range.max_width), height: Int(range.max_height)),
          step: PictureSize(width: max(1, Int(range.step_width)), height: max(1, Int(range.step_height))))
      }
      sizes.append(PictureSize(width: Int(entry.discrete.width), height: Int(entry.discrete.height)))
    }
    return sizes.isEmpty ? .unknown : .discrete(sizes)
  }

  borrowing func rates(of format: PixelFormat, at size: PictureSize) -> RateOffer {
    var rates: [FrameRate] = []
    for index in 0..<Self.mostEntries {
      var entry = v4l2_frmivalenum()
      entry.index = index
      entry.pixel_format = format.code
      entry.width = UInt32(size.width)
      entry.height = UInt32(size.height)
      guard cv4l2_enum_frameintervals(descriptor, &entry) == 0 else { break }
      guard entry.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue else {
        // The longest interval is the lowest rate.
        guard let slowest = FrameRate(interval: entry.stepwise.max),
          let fastest = FrameRate(interval: entry.stepwise.min)
        else { return .unknown }
        return .range(slowest: min(slowest, fastest), fastest: max(slowest, fastest))
      }
      if let rate = FrameRate(interval: entry.discrete) { rates.append(rate) }
    }
    return rates.isEmpty ? .unknown : .discrete(rates)
  }
}

extension FrameRate {
  /// Makes the rate of an interval; returns nil if it is zero or too large.
  init?(interval: v4l2_fract) {
    guard let numerator = Int32(exactly: interval.denominator), let denominator = Int32(exactly: interval.numerator),
      numerator > 0, denominator > 0
    else { return nil }
    self.init(numerator, per: denominator)
  }

  var v4l2Interval: v4l2_fract {
    v4l2_fract(numerator: UInt32(denominator), denominator: UInt32(numerator))
  }
}
