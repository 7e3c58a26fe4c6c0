import CameraStandIn
import Glibc
import Synchronization

/// A made-up camera: a node in a directory of the test's own, which open, ioctl, mmap, poll and close of this process take
/// for a V4L2 capture device, as do programs that run with `environment`.
package final class CameraStandIn: Sendable {
  package enum Pace: Sendable {
    /// Frames come when `deliver` says so.
    case manual
    /// Frames come at the interval that is set.
    case clock
  }

  /// The C side's hold on one plugging of the device.
  /// Unchecked because each function that takes the pointer may be called from any thread.
  private final class Device: @unchecked Sendable {
    let pointer: OpaquePointer

    init(path: String, description: camera_description) throws {
      var description = description
      guard let pointer = camera_device_create(path, &description) else { throw CameraStandInError.system(path, errno) }
      self.pointer = pointer
    }

    deinit { camera_device_close(pointer) }
  }

  private struct Plugging {
    var devices: [Device]
    var node: String
    var isPlugged = true
  }

  package let directory: String
  private let description: CameraStandInDescription
  private let plugging: Mutex<Plugging>

  /// `directory` is what the program sees as `/dev`; `byID` and `byPath` are the names of links in `v4l/by-id` and
  /// `v4l/by-path`.
  package init(
    directory: String, node: String = "video0", byID: String? = nil, byPath: String? = nil,
    kind: CameraStandInDescription.Kind = .capture, formats: [CameraStandInDescription.Format],
    controls: [CameraStandInDescription.Control] = [], pace: Pace = .manual,
    card: String = "Acme Cam", driver: String = "uvcvideo", bus: String = "usb-0000:00:14.0-1", frames: String = ""
  ) throws {
    self.directory = directory
    description = CameraStandInDescription(
      kind: kind, formats: formats, controls: controls, card: card, driver: driver, bus: bus, frames: frames,
      byID: byID, byPath: byPath)
    let device = try Device(path: "\(directory)/\(node)", description: description.bridged())
    plugging = Mutex(Plugging(devices: [device], node: node))
    camera_set(device.pointer, camera_switch_manual, pace == .manual ? 1 : 0)
    try link(to: node)
  }

  deinit {
    plugging.withLock { if $0.isPlugged { remove($0.node) } }
  }

  // MARK: Names

  /// Of the node as it is plugged now.
  package var path: String { "\(directory)/\(plugging.withLock(\.node))" }

  /// Of its link in `v4l/by-id`.
  package var stablePath: String? { description.byID.map { "\(directory)/v4l/by-id/\($0)" } }

  /// What makes a program see `directory` as its `/dev`: for `LD_PRELOAD` the library `libCameraStandIn.so`.
  package func environment(library: String) -> [String: String] {
    ["LD_PRELOAD": library, "CAMERA_STAND_IN_DEV": directory]
  }

  private var links: [(folder: String, name: String)] {
    [("by-id", description.byID), ("by-path", description.byPath)].compactMap { folder, name in
      name.map { ("\(directory)/v4l/\(folder)", $0) }
    }
  }

  private func link(to node: String) throws {
    for (folder, name) in links {
      mkdir("\(directory)/v4l", 0o755)
      mkdir(folder, 0o755)
      let path = "\(folder)/\(name)"
      unlink(path)
      guard symlink("../../\(node)", path) == 0 else { throw CameraStandInError.system(path, errno) }
    }
  }

  private func remove(_ node: String) {
    unlink("\(directory)/\(node)")
    for (folder, name) in links { unlink("\(folder)/\(name)") }
  }

  // MARK: Plugging

  /// The node vanishes, and whoever has it open gets `ENODEV`.
  package func unplug() {
    plugging.withLock { plugging in
      guard plugging.isPlugged else { return }
      plugging.isPlugged = false
      remove(plugging.node)
      camera_set(plugging.devices.last!.pointer, camera_switch_unplugged, 1)
    }
  }

  /// It is back, healthy but with its own quirks, and perhaps under another name.
  package func replug(as node: String? = nil) throws {
    let quirks = [
      camera_switch_manual, camera_switch_no_huffman_tables, camera_switch_unknown_timestamps,
      camera_switch_forced_rate, camera_switch_poor, camera_switch_clock_offset, camera_switch_unlisted_rates,
      camera_switch_fixed_rate, camera_switch_field, camera_switch_padding,
      camera_switch_unpadded_end, camera_switch_data_offset, camera_switch_quantization,
      camera_switch_composed_rows, camera_switch_scaled_fields,
      camera_switch_signal, camera_switch_signal_width, camera_switch_signal_height,
    ]
    try plugging.withLock { plugging in
      precondition(!plugging.isPlugged, "it is plugged in")
      plugging.node = node ?? plugging.node
      let device = try Device(path: "\(directory)/\(plugging.node)", description: description.bridged())
      for quirk in quirks { camera_set(device.pointer, quirk, camera_get(plugging.devices.last!.pointer, quirk)) }
      plugging.devices.append(device)
      plugging.isPlugged = true
      try link(to: plugging.node)
    }
  }

  // MARK: The C side

  private var current: Device { plugging.withLock { $0.devices.last! } }

  func read<Value>(_ body: (OpaquePointer) throws -> Value) rethrows -> Value {
    let device = current
    return try withExtendedLifetime(device) { try body(device.pointer) }
  }

  /// Over all that was ever plugged in.
  func total(_ count: (OpaquePointer) -> UInt32) -> Int {
    let devices = plugging.withLock { $0.devices }
    return devices.reduce(0) { $0 + Int(count($1.pointer)) }
  }
}

package enum CameraStandInError: Error, CustomStringConvertible {
  case system(String, Int32)
  /// A name too long, or more than the C side has room for.
  case tooMuch(String)
  case timedOut(String)

  package var description: String {
    switch self {
    case .system(let path, let code): "\(path): \(String(cString: strerror(code)))"
    case .tooMuch(let what): "the stand-in has no room for \(what)"
    case .timedOut(let what): "\(what) did not happen"
    }
  }
}
