import Account
import Capture
import Settings

/// Why `jinglecam setup` ended without a camera that can be called.
package enum SetupError: Error, Equatable {
  /// An answer, an option, a file.
  case setting(SettingError)
  case source(CaptureError)
  case account(XMPPClientError)
  /// The service did not start.
  case service(String)
  /// Ctrl-C.
  case cancelled
}

extension SetupError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .setting(let error): error.description
    case .source(let error): error.description
    case .account(let error): error.description
    case .service(let text): text
    case .cancelled: "cancelled"
    }
  }
}
