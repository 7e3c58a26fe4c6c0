/// What `--control NAME=VALUE` says: the name as `jinglecam devices` lists it, and a number, a menu's word, on or off.
package struct ControlSetting: Equatable, Sendable {
  package let name: String
  package let value: String

  package init(parsing text: String) throws(CaptureError) {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { throw .invalidControl("'\(text)' sets no control; write NAME=VALUE") }
    name = String(parts[0]).lowercased()
    value = String(parts[1])
  }
}
