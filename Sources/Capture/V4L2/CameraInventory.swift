import Video

/// The list of cameras for `jinglecam devices`.
package enum CameraInventory {
  /// Describes every node that provides pictures; nodes for metadata, output and radio are left out.
  package static func all() -> [CameraDescription] {
    all(in: DeviceDirectory(), through: .installed())
  }

  static func all(
    in directory: DeviceDirectory, through programs: LibcameraPrograms = .init()
  ) -> [CameraDescription] {
    let ribbonCameras = ribbonCameras(through: programs)
    let nodes = nodes(in: directory, through: programs)
    guard !ribbonCameras.isEmpty else { return nodes }
    // A camera has up to eight nodes of raw data, all of which say the same of it.
    return ribbonCameras + nodes.filter { $0.problem != nil || $0.formats.contains(where: \.isUsable) }
  }

  private static func ribbonCameras(through programs: LibcameraPrograms) -> [CameraDescription] {
    guard let program = programs.video else { return [] }
    return programs.cameras().map { CameraDescription($0, program: FileName.last(of: program)) }
  }

  private static func nodes(
    in directory: DeviceDirectory, through programs: LibcameraPrograms
  ) -> [CameraDescription] {
    directory.nodes().compactMap { path in
      do throws(CaptureError) {
        return try describe(path, in: directory, through: programs)
      } catch {
        // Nodes that cannot be examined are left out, except those without permission, which may be cameras.
        guard case .cameraForbidden = error else { return nil }
        return CameraDescription(path: path, stablePath: directory.stablePath(of: path), problem: error.description)
      }
    }
  }

  /// Describes the camera that `source` names: a path, a stable name, or `camera` for the first that should work.
  ///
  /// - Throws: `CaptureError`.
  package static func describe(_ source: String) throws(CaptureError) -> CameraDescription {
    try describe(source, in: DeviceDirectory(), through: .installed())
  }

  /// Sets a control, even while the camera streams: several programs may have it open, one of which streams (V4L2,
  /// "Multiple Opens").
  ///
  /// - Throws: `CaptureError`.
  package static func apply(_ setting: ControlSetting, to source: String) throws(CaptureError) {
    try apply(setting, to: source, in: DeviceDirectory(), through: .installed())
  }

  static func apply(
    _ setting: ControlSetting, to source: String, in directory: DeviceDirectory,
    through programs: LibcameraPrograms = .init()
  ) throws(CaptureError) {
    let path = try describe(source, in: directory, through: programs).path
    guard !LibcameraCamera.isName(path) else {
      throw .invalidControl("the controls of a ribbon camera are set when it is opened")
    }
    try V4L2Device(path: path).apply([setting])
  }

  /// Checks that the camera that `source` names has a control and accepts its value, and sets nothing. What the values
  /// of a ribbon camera may be is known to the program that opens it alone.
  ///
  /// - Throws: `CaptureError.invalidControl`, or what keeps the camera from being asked.
  package static func check(_ setting: ControlSetting, of source: String) throws(CaptureError) {
    try check(setting, of: source, in: DeviceDirectory(), through: .installed())
  }

  static func check(
    _ setting: ControlSetting, of source: String, in directory: DeviceDirectory,
    through programs: LibcameraPrograms = .init()
  ) throws(CaptureError) {
    guard CameraFinder.isCamera(source, in: directory) || CameraFinder.isStableName(source) else {
      throw .invalidControl("\(NetworkAddress.shown(source)) is not a camera")
    }
    let path = try describe(source, in: directory, through: programs).path
    guard !LibcameraCamera.isName(path) else {
      _ = try LibcameraCommand.argument(of: setting)
      return
    }
    try V4L2Device(path: path).check(setting)
  }

  static func describe(
    _ source: String, in directory: DeviceDirectory, through programs: LibcameraPrograms = .init()
  ) throws(CaptureError) -> CameraDescription {
    let path: String
    if LibcameraCamera.isName(source) {
      guard let camera = ribbonCameras(through: programs).first(where: { $0.path == source }) else {
        throw .noSuchCamera(path: source)
      }
      return camera
    }
    if source == CameraFinder.anyCamera {
      // The node that this program streams from is preferred. Otherwise the first one is taken without trying to
      // stream, since another program may use it.
      let paths = CameraCandidate.all(in: directory).candidates.map(\.path)
      guard let found = paths.first(where: DeviceOwnership.isOpenHere) ?? paths.first else {
        guard let camera = ribbonCameras(through: programs).first else { throw .noCamera }
        return camera
      }
      path = found
    } else {
      path = directory.path(of: source) ?? source
    }
    let device = try V4L2Device(path: path)
    try device.requireCapture()
    let offers = device.formatOffers()
    let givesPictures = device.givesPictures(in: offers)
    var description = CameraDescription(
      path: path, stablePath: directory.stablePath(of: path), problem: problem(of: device, offers, programs))
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
          name: offer.format.name, description: offer.description, isUsable: givesPictures && offer.format.way != nil,
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

  private static func problem(
    of device: borrowing V4L2Device, _ offers: [FormatOffer], _ programs: LibcameraPrograms
  ) -> String? {
    if device.capabilities.isImageProcessor {
      return "this node processes frames of other cameras and has none of its own"
    }
    guard !device.givesPictures(in: offers) else { return device.signalFault() }
    let refusal = device.refusal(of: offers)
    // The program makes pictures of it.
    if case .rawSensor = refusal, programs.video != nil { return nil }
    return refusal.description
  }
}

extension FormatOffer.Sizes {
  /// The smallest and the largest size of each range; for a discrete size they are the same.
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
