import Account

extension ConnectionTarget {
  /// The value of `--server` or `server`.
  package init(setting text: String) throws(SettingError) {
    do throws(ParsingError) {
      try self.init(parsing: text)
    } catch {
      switch error {
      case .unknownScheme:
        throw SettingError(
          of: .option("server"), "'\(text)' is no XMPP server's address",
          cure: "write xmpps:// for direct TLS or xmpp:// for STARTTLS", .usage)
      case .malformed:
        throw SettingError(
          of: .option("server"), "'\(text)' is no server address",
          cure: "write HOST[:PORT], xmpps://HOST[:PORT] or xmpp://HOST[:PORT]", .usage)
      }
    }
  }
}
