import Account
import XMPP

/// Whether the account was let in, and where not, why, in the words of `check`.
struct LoginReport: Sendable {
  var account: JID
  /// nil: it was let in.
  var error: XMPPClientError?

  var finding: DoctorFinding {
    guard let error else { return .ok(.login, "\(account.bare) is let in, by TLS") }
    return .problem(.login, error.cause, fix: error.cure, .account(error.kind))
  }
}

extension XMPPClientError {
  /// These lines are `cause: cure`, and no cure has a colon.
  private var colon: Range<String.Index>? { description.ranges(of: ": ").last }

  var cause: String { colon.map { String(description[..<$0.lowerBound]) } ?? description }
  var cure: String { colon.map { String(description[$0.upperBound...]) } ?? "try again later" }
}
