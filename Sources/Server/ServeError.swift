import Account
import Capture
import Settings

/// Why the camera cannot be served, or can no longer be. Each description is one line that names the cause and the cure.
package enum ServeError: Error, Equatable, CustomStringConvertible {
  /// The password cannot be read.
  case setting(SettingError)
  case account(XMPPClientError)
  /// The source is a file that is not there.
  case source(CaptureError)
  /// `--metrics` cannot be opened.
  case metrics(String)

  package var description: String {
    switch self {
    case .setting(let error): error.description
    case .account(let error): error.description
    case .source(let error): error.description
    case .metrics(let text): text
    }
  }
}
