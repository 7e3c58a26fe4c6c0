import Network

extension ConnectionTarget {
  /// The value of `--server` or `server`.
  package init(setting text: String) throws(SettingError) {
    // It is not repeated: what comes before the @ may have a password in it.
    guard !text.contains(/:[^\/].*@/) else {
      throw SettingError(
        of: .option("server"), "has credentials in the address",
        cure: "write HOST[:PORT], xmpps://HOST[:PORT] or xmpp://HOST[:PORT]; the account comes from --jid", .usage)
    }
    do throws(ParsingError) {
      try self.init(parsing: text)
    } catch {
      switch error {
      case .unknownScheme:
        throw SettingError(
          of: .option("server"), "\(WrongAddress(text)) is not an XMPP server's address",
          cure: "write xmpps:// for direct TLS or xmpp:// for STARTTLS", .usage)
      case .malformed:
        throw SettingError(
          of: .option("server"), "\(WrongAddress(text)) is not a server address",
          cure: "write HOST[:PORT], xmpps://HOST[:PORT] or xmpp://HOST[:PORT]", .usage)
      }
    }
  }
}
