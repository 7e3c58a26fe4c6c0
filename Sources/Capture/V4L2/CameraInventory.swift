import Video

/// What `jinglecam devices` looks through.
package enum CameraInventory {
  /// Every node that gives pictures; those of metadata, output and radio are passed over.
  package static func all() -> [CameraDescription] {
    all(in: DeviceDirectory())
  }

  static func all(in directory: DeviceDirectory) -> [CameraDescription] {
    directory.nodes().compactMap { path in
      do throws(CaptureError) {
        return try describe(path, in: directory)
      } catch {
        // Whatever it is, nobody would look for a camera there; one that only may not be opened is worth a line.
        guard case .cameraForbidden = error else { return nil }
        return CameraDescription(path: path, stablePath: directory.stablePath(of: path), problem: error.description)
      }
    }
  }

  /// The camera that `source` means: a path, a stable name, or the first that should work.
  package static func describe(_ source: String) throws(CaptureError) -> CameraDescription {
    try describe(source, in: DeviceDirectory())
  }

  /// Also while it streams: any number may have a camera open, of whom one streams (V4L2, "Multiple Opens").
  package static func apply(_ setting: ControlSetting, to source: String) throws(CaptureError) {
    try apply(setting, to: source, in: DeviceDirectory())
  }

  static func apply(_ setting: ControlSetting, to source: String, in directory: DeviceDirectory) throws(CaptureError) {
    try V4L2Device(path: describe(source, in: directory).path).apply([setting])
  }

  static func describe(_ source: String, in directory: DeviceDirectory) throws(CaptureError) -> CameraDescription {
    let path: String
    if source == CameraFinder.anyCamera {
      // The one that streams here; else without a look at what they give: one of them may be streaming elsewhere, and is
      // then nobody else's to try.
      let paths = CameraCandidate.all(in: directory).candidates.map(\.path)
      guard let found = paths.first(where: DeviceOwnership.isOpenHere) ?? paths.first else { throw .noCamera }
      path = found
    } else {
      path = directory.path(of: source) ?? source
    }
    let device = try V4L2Device(path: path)
    try device.requireCapture()
    let offers = device.formatOffers()
    var description = CameraDescription(
      path: path, stablePath: directory.stablePath(of: path), problem: problem(of: device, offers))
    description.card = device.capabilities.card
    description.driver = device.capabilities.driver
    description.bus = device.capabilities.bus
    for offer in offers {
      var sizes: [CameraDescription.Size] = []
      for (smallest, largest) in offer.sizes.ranges {
        sizes.append(.init(smallest, largest, device.rates(of: offer.format, at: smallest)))
      }
      description.formats.append(
        .init(
          name: offer.format.name, description: offer.description, isUsable: offer.format.way != nil,
          remark: offer.format.way.flatMap { $0.modeCost.isSlow ? "\($0.modeCost)" : nil }, sizes: sizes))
    }
    for control in device.controls() {
      description.controls.append(
        .init(
          name: control.name, value: device.value(of: control), standard: control.standard, choices: control.choices,
          isReadOnly: control.isReadOnly))
    }
    return description
  }

  private static func problem(of device: borrowing V4L2Device, _ offers: [FormatOffer]) -> String? {
    if device.capabilities.isImageProcessor {
      return "this node works on pictures of other cameras and has none of its own"
    }
    return offers.contains { $0.format.way != nil }
      ? device.signalFault() : device.refusal(of: offers).description
  }
}

extension FormatOffer.Sizes {
  /// From the smallest to the largest; a discrete size is both.
  fileprivate var ranges: [(PictureSize, PictureSize)] {
    switch self {
    case .discrete(let sizes): sizes.map { ($0, $0) }
    case .stepwise(let smallest, let largest, _): [(smallest, largest)]
    case .unknown: []
    }
  }
}

extension CameraDescription.Size {
  fileprivate init(_ smallest: PictureSize, _ largest: PictureSize, _ rates: RateOffer) {
    width = smallest.width
    height = smallest.height
    if largest != smallest {
      largestWidth = largest.width
      largestHeight = largest.height
    }
    func rounded(_ rate: FrameRate) -> Double { (rate.framesPerSecond * 100).rounded() / 100 }
    switch rates {
    case .discrete(let list): (self.rates, isRateRange) = (list.map(rounded), false)
    case .range(let slowest, let fastest): (self.rates, isRateRange) = ([rounded(slowest), rounded(fastest)], true)
    case .unknown: (self.rates, isRateRange) = ([], false)
    }
  }
}
