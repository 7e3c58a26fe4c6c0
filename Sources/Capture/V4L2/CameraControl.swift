import CV4L2

/// A control of a camera (V4L2, "User Controls"), as `jinglecam devices` lists and `--control` sets it.
struct CameraControl: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    case integer(ClosedRange<Int>, step: Int)
    case boolean
    /// The entries of the menu by their numbers.
    case menu([Int: String])
  }

  let id: UInt32
  /// The name in the style of v4l2-ctl: "White Balance, Automatic" is `white_balance_automatic`.
  let name: String
  let kind: Kind
  let standard: Int
  let isReadOnly: Bool

  /// Returns the number for a value as users write it, or nil if this control does not accept it.
  func number(of value: String) -> Int? {
    switch kind {
    case .integer(let range, _):
      return Int(value).flatMap { range.contains($0) ? $0 : nil }
    case .boolean:
      return ["0": 0, "off": 0, "false": 0, "1": 1, "on": 1, "true": 1][value.lowercased()]
    case .menu(let words):
      if let number = Int(value) { return words[number] == nil ? nil : number }
      return words.first { $0.value.lowercased() == value.lowercased() }?.key
    }
  }

  /// The accepted values, as a text for users.
  var choices: String {
    switch kind {
    case .integer(let range, let step):
      "\(range.lowerBound) to \(range.upperBound)" + (step > 1 ? " in steps of \(step)" : "")
    case .boolean: "on, off"
    case .menu(let words): words.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
    }
  }

  static func name(of title: String) -> String {
    title.split { !$0.isLetter && !$0.isNumber }.joined(separator: "_").lowercased()
  }
}

extension V4L2Device {
  private static let mostControls = 512

  /// Lists the controls. There are none if the driver does not support them, as that of libcamerify.
  borrowing func controls() -> [CameraControl] {
    var controls: [CameraControl] = []
    var query = v4l2_queryctrl()
    for _ in 0..<Self.mostControls {
      query.id |= cv4l2_ctrl_flag_next
      guard cv4l2_queryctrl(descriptor, &query) == 0 else { break }
      if let control = control(query) { controls.append(control) }
    }
    return controls
  }

  /// Reads a control; returns nil for a heading, a disabled control, or one whose value is not a number.
  private borrowing func control(_ query: v4l2_queryctrl) -> CameraControl? {
    guard query.flags & UInt32(V4L2_CTRL_FLAG_DISABLED) == 0 else { return nil }
    let kind: CameraControl.Kind
    switch v4l2_ctrl_type(query.type) {
    case V4L2_CTRL_TYPE_INTEGER where query.minimum <= query.maximum:
      kind = .integer(Int(query.minimum)...Int(query.maximum), step: max(1, Int(query.step)))
    case V4L2_CTRL_TYPE_BOOLEAN:
      kind = .boolean
    case V4L2_CTRL_TYPE_MENU, V4L2_CTRL_TYPE_INTEGER_MENU:
      kind = .menu(menu(query))
    default:
      return nil
    }
    return CameraControl(
      id: query.id, name: CameraControl.name(of: String(bytesOf: query.name)), kind: kind,
      standard: Int(query.default_value), isReadOnly: query.flags & UInt32(V4L2_CTRL_FLAG_READ_ONLY) != 0)
  }

  private borrowing func menu(_ query: v4l2_queryctrl) -> [Int: String] {
    var words: [Int: String] = [:]
    let first = max(0, query.minimum)
    for index in first...max(first, min(query.maximum, first + 255)) {
      var entry = v4l2_querymenu()
      entry.id = query.id
      entry.index = UInt32(index)
      guard cv4l2_querymenu(descriptor, &entry) == 0 else { continue }
      let isNumber = v4l2_ctrl_type(query.type) == V4L2_CTRL_TYPE_INTEGER_MENU
      words[Int(index)] = isNumber ? "\(entry.value)" : String(bytesOf: entry.name)
    }
    return words
  }

  borrowing func value(of control: CameraControl) -> Int? {
    var argument = v4l2_control(id: control.id, value: 0)
    return cv4l2_g_ctrl(descriptor, &argument) == 0 ? Int(argument.value) : nil
  }

  /// Sets controls in the given order, since an automatic control must be turned off before its value can be set.
  ///
  /// - Throws: `CaptureError.invalidControl`.
  borrowing func apply(_ settings: [ControlSetting]) throws(CaptureError) {
    guard !settings.isEmpty else { return }
    let controls = controls()
    for setting in settings {
      let (id, number) = try resolve(setting, among: controls)
      var argument = v4l2_control(id: id, value: Int32(clamping: number))
      guard cv4l2_s_ctrl(descriptor, &argument) == 0 else {
        throw .invalidControl("\(setting.name) cannot be set now; an automatic control may have it")
      }
    }
  }

  /// Checks that the camera has the control and that it accepts the value, and sets nothing.
  ///
  /// - Throws: `CaptureError.invalidControl`.
  borrowing func check(_ setting: ControlSetting) throws(CaptureError) {
    _ = try resolve(setting, among: controls())
  }

  private borrowing func resolve(
    _ setting: ControlSetting, among controls: [CameraControl]
  ) throws(CaptureError) -> (id: UInt32, number: Int) {
    guard let control = controls.first(where: { $0.name == setting.name }) else {
      let names = controls.map(\.name).joined(separator: ", ")
      throw .invalidControl(
        "\(capabilities.card) has no control '\(setting.name)'; it has \(names.isEmpty ? "none" : names)")
    }
    guard let number = control.number(of: setting.value) else {
      throw .invalidControl("\(setting.name) cannot be '\(setting.value)'; choose \(control.choices)")
    }
    return (control.id, number)
  }
}
