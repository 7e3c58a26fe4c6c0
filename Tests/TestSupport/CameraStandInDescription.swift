import CameraStandIn

/// What a made-up camera says that it can do.
package struct CameraStandInDescription: Sendable {
  package enum Kind: Sendable {
    case capture, multiplanarCapture, metadata, output, pipeline
  }

  /// Of `<linux/videodev2.h>`.
  package struct FourCC: Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    package init(_ code: StaticString) {
      precondition(code.utf8CodeUnitCount == 4)
      rawValue = code.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }

    package static let yuyv = FourCC("YUYV")
    package static let uyvy = FourCC("UYVY")
    package static let mjpeg = FourCC("MJPG")
    package static let h264 = FourCC("H264")
    package static let hevc = FourCC("HEVC")
    package static let nv12 = FourCC("NV12")
    package static let nv21 = FourCC("NV21")
    package static let yu12 = FourCC("YU12")
    package static let yv12 = FourCC("YV12")
    package static let rgb3 = FourCC("RGB3")
    /// Raw Bayer, ten bits in two bytes.
    package static let rg10 = FourCC("RG10")
    /// UVC payload headers, of a metadata node.
    package static let uvcHeaders = FourCC("UVCH")
  }

  package struct Size: Sendable {
    package var width: Int
    package var height: Int
    /// A stepwise range reaches to here.
    package var largest: (width: Int, height: Int)?
    package var step: (width: Int, height: Int) = (0, 0)

    package init(_ width: Int, _ height: Int) {
      self.width = width
      self.height = height
    }

    package init(from smallest: (Int, Int), to largest: (Int, Int), step: (Int, Int)) {
      (width, height) = smallest
      self.largest = largest
      self.step = step
    }
  }

  package struct Format: Sendable {
    package var fourCC: FourCC
    package var sizes: [Size]
    /// Frames a second, at every size.
    package var rates: [Int]

    package init(_ fourCC: FourCC, sizes: [Size] = [Size(640, 480)], rates: [Int] = [30]) {
      self.fourCC = fourCC
      self.sizes = sizes
      self.rates = rates
    }

    /// A metadata node's: it has neither size nor rate.
    package static let metadata = Format(.uvcHeaders, sizes: [Size(0, 0)], rates: [1])
  }

  /// One of V4L2's controls, by its number (`V4L2_CID_…`) and type (`V4L2_CTRL_TYPE_…`).
  package struct Control: Sendable {
    package enum Kind: UInt32, Sendable {
      case integer = 1
      case boolean = 2
      case menu = 3
      case button = 4
      case heading = 6
    }

    package var id: UInt32
    package var name: String
    package var kind: Kind
    package var range: ClosedRange<Int32>
    package var step: Int32
    package var initial: Int32
    package var flags: UInt32
    package var menu: [String]

    package init(
      id: UInt32, name: String, kind: Kind = .integer, range: ClosedRange<Int32> = 0...255, step: Int32 = 1,
      initial: Int32 = 128, flags: UInt32 = 0, menu: [String] = []
    ) {
      self.id = id
      self.name = name
      self.kind = kind
      self.range = range
      self.step = step
      self.initial = initial
      self.flags = flags
      self.menu = menu
    }

    package static let heading = Control(
      id: 0x0098_0001, name: "User Controls", kind: .heading, range: 0...0, step: 0, initial: 0)
    package static let brightness = Control(id: 0x0098_0900, name: "Brightness")
    package static let automaticWhiteBalance = Control(
      id: 0x0098_090C, name: "White Balance, Automatic", kind: .boolean, range: 0...1, initial: 1)
    package static let powerLineFrequency = Control(
      id: 0x0098_0918, name: "Power Line Frequency", kind: .menu, range: 0...2, initial: 1,
      menu: ["Disabled", "50 Hz", "60 Hz"])
    package static let usual = [heading, brightness, automaticWhiteBalance, powerLineFrequency]
  }

  package var kind: Kind
  package var formats: [Format]
  package var controls: [Control]
  package var card: String
  package var driver: String
  /// Nodes of one device have the same.
  package var bus: String
  package var frames: String
  package var byID: String?
  package var byPath: String?
}

extension CameraStandInDescription {
  func bridged() throws -> camera_description {
    var description = camera_description()
    description.kind = bridgedKind.rawValue
    // As a USB camera: each of its nodes names what both can do.
    description.other_capabilities = kind == .capture || kind == .metadata ? 0x0080_0001 : 0
    guard camera_describe(&description, driver, card, bus, frames) else {
      throw CameraStandInError.tooMuch("\(card), \(driver) or \(frames)")
    }
    for format in formats {
      guard camera_add_format(&description, format.fourCC.rawValue) else { throw CameraStandInError.tooMuch("formats") }
      for size in format.sizes {
        var bridged = size.bridged(rates: format.rates)
        guard camera_add_size(&description, &bridged) else { throw CameraStandInError.tooMuch("sizes") }
      }
    }
    for control in controls {
      var bridged = control.bridged()
      guard camera_add_control(&description, &bridged, control.name) else {
        throw CameraStandInError.tooMuch(control.name)
      }
      for (number, item) in control.menu.enumerated() where !camera_add_menu_item(&description, UInt32(number), item) {
        throw CameraStandInError.tooMuch(item)
      }
    }
    return description
  }

  private var bridgedKind: camera_kind {
    switch kind {
    case .capture: camera_kind_capture
    case .multiplanarCapture: camera_kind_capture_multiplanar
    case .metadata: camera_kind_metadata
    case .output: camera_kind_output
    case .pipeline: camera_kind_pipeline
    }
  }
}

extension CameraStandInDescription.Size {
  fileprivate func bridged(rates: [Int]) -> camera_size {
    var size = camera_size()
    size.width = UInt32(width)
    size.height = UInt32(height)
    size.largest_width = UInt32(largest?.width ?? width)
    size.largest_height = UInt32(largest?.height ?? height)
    size.step_width = UInt32(step.width)
    size.step_height = UInt32(step.height)
    withUnsafeMutableBytes(of: &size.intervals) { bytes in
      let intervals = bytes.bindMemory(to: camera_interval.self)
      precondition(rates.count <= intervals.count, "too many rates")
      for (number, rate) in rates.enumerated() {
        intervals[number] = camera_interval(numerator: 1, denominator: UInt32(rate))
      }
    }
    size.interval_count = UInt32(rates.count)
    return size
  }
}

extension CameraStandInDescription.Control {
  fileprivate func bridged() -> camera_control {
    var control = camera_control()
    control.id = id
    control.type = kind.rawValue
    control.flags = flags
    control.minimum = range.lowerBound
    control.maximum = range.upperBound
    control.step = step
    control.initial = initial
    return control
  }
}
