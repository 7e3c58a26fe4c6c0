import Account
import XMPP

/// Whether the account was let in, and where not, why, in the words of `check`.
struct LoginReport: Sendable {
  var account: JID
  /// nil: it was let in.
  var error: XMPPClientError?

  var finding: DoctorFinding {
    guard let error else { return .ok(.login, "\(account.bare) can log in (TLS)") }
    return .problem(.login, error.cause, fix: error.cure ?? "try again later", .account(error.kind))
  }
}
