import ICE
import XMPP

/// When TURN credentials lapse, as far as it can be known.
struct CredentialLifetimes: Sendable {
  private var moments: [TURNCredentials: Int64] = [:]

  /// Takes the lifetimes that XEP-0215 tells with the credentials.
  init(_ services: [ExternalService]) {
    for service in services {
      guard
        let username = service.username, let password = service.password,
        let moment = service.expiresAt
      else { continue }
      moments[TURNCredentials(username: username, password: password)] = moment
    }
  }

  /// Seconds since they lapsed; nil: they have not, or it is not known.
  func expiredFor(_ credentials: TURNCredentials, now: Int64) -> Int64? {
    guard let moment = moments[credentials] ?? Self.moment(inUsername: credentials.username), moment < now else {
      return nil
    }
    return now - moment
  }

  /// Servers with a shared secret (coturn's `use-auth-secret`) put the end into the name: `SECONDS-SINCE-1970[:NAME]`.
  private static func moment(inUsername username: String) -> Int64? {
    let digits = username.prefix { $0 != ":" }
    return digits.utf8.count == 10 ? Int64(digits) : nil
  }
}
