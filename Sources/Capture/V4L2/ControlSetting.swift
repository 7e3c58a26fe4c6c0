/// The setting of `--control NAME=VALUE`: the name as `jinglecam devices` lists it, and a number, a menu entry, on or
/// off.
package struct ControlSetting: Equatable, Sendable {
  package let name: String
  package let value: String

  /// - Throws: `CaptureError.invalidControl`.
  package init(parsing text: String) throws(CaptureError) {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { throw .invalidControl("'\(text)' is not a control setting; write NAME=VALUE") }
    name = String(parts[0]).lowercased()
    value = String(parts[1])
  }
}
