import Account
import Network
import SRTP
import Settings
import Studio

/// Why a call could not be made, or what on our side ended it. Each description is one line that names the cause and the
/// cure.
package enum StreamError: Error, Equatable, CustomStringConvertible {
  /// The user wants it no longer.
  case cancelled
  /// The password cannot be read.
  case setting(SettingError)
  case source(StudioError)
  case account(XMPPClientError)
  /// No interface has an address.
  case noNetwork
  /// The policy wants a relay, and no TURN server is known.
  case noRelay
  case certificate(DTLSError)

  package var description: String {
    switch self {
    case .cancelled: "cancelled"
    case .setting(let error): error.description
    case .source(let error): error.description
    case .account(let error): error.description
    case .noNetwork: "no network interface has an address; connect this machine to a network"
    case .noRelay:
      "--ice-policy relay needs a TURN server, and the XMPP server names none that can be used; give --turn URI"
    case .certificate(let error): "no certificate for the call could be made: \(error)"
    }
  }
}

extension Account {
  package func readPassword() throws(StreamError) -> String {
    do throws(SettingError) {
      return try Password.read(file: passwordFile)
    } catch {
      throw .setting(error)
    }
  }
}
