import XMPP

/// An entry of the list of those who may watch: a person, or a domain for everybody there. What looks like either and
/// lets in nobody, or others than was meant, is refused.
package enum AllowedAddress {
  package static func parse(_ text: String) throws(SettingError) -> JID {
    let jid = try? JID(text)
    guard !text.contains("*"), jid?.description.contains("*") != true else {
      throw SettingError(
        "'\(text)' is a pattern, and patterns are not supported",
        cure: "write a domain for everybody there, or user@domain", .usage
      )
    }
    guard let jid else {
      throw SettingError(
        "'\(text)' is not an XMPP address", cure: "write user@domain, or a domain for everybody there", .usage)
    }
    guard jid.isBare else {
      throw SettingError("'\(text)' names one device of \(jid.bare)", cure: "write \(jid.bare)", .usage)
    }
    // An IPv6 address has no dots, and is no name that was forgotten.
    guard jid.local != nil || jid.domain.contains(".") || jid.domain.hasPrefix("[") else {
      throw SettingError("'\(text)' is a domain without a dot", cure: "write \(jid)@domain for a person", .usage)
    }
    return jid.inULabels
  }
}
