import XMPP

/// The address of an account, as a person writes it.
package enum AccountAddress {
  package static func parse(_ text: String) throws(SettingError) -> JID {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    // It is not repeated: what comes after the colon may be a password.
    if parts.count == 2, parts[0].contains(":") {
      throw SettingError(
        "has a colon before the @",
        cure: "write user@domain; the password comes from JINGLECAM_PASSWORD or --password-file", .usage)
    }
    if parts.count == 1, text.contains(":"), !text.hasPrefix("[") {
      throw SettingError(
        "has a colon, and no user part",
        cure: "write user@domain; the password comes from JINGLECAM_PASSWORD or --password-file", .usage)
    }
    // An IPv6 address in brackets has colons; no other domain has one.
    if parts.count == 2, parts[1].prefix(while: { $0 != "/" }).contains(":"), !parts[1].hasPrefix("[") {
      throw SettingError(
        "has a colon after the domain of \(parts[0])",
        cure: "write user@domain; the password comes from JINGLECAM_PASSWORD or --password-file", .usage)
    }
    let jid: JID
    do {
      jid = try JID(text).inULabels
    } catch {
      throw SettingError("'\(text)' is not an XMPP address", cure: "write user@domain", .usage)
    }
    guard jid.local != nil else {
      throw SettingError("'\(text)' has no user part", cure: "write user@domain", .usage)
    }
    return jid
  }
}
