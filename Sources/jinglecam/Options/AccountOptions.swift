import Account
import ArgumentParser
import Settings
import XMPP

/// The options that say who calls; every command that logs in shares them.
struct AccountOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The account that calls, as user@domain.",
      discussion: "Its password comes from JINGLECAM_PASSWORD or --password-file, never from an argument.",
      valueName: "jid"))
  var jid: String?

  @Option(help: ArgumentHelp("A file whose first line is the password.", valueName: "file"), completion: .file())
  var passwordFile: String?

  @Option(
    help: ArgumentHelp(
      "Connect here instead of where DNS says; the certificate must still be the account's domain's.",
      discussion: """
        HOST[:PORT], or xmpps://HOST[:PORT] for direct TLS and xmpp://HOST[:PORT] for STARTTLS. Without either, ports \
        5223 and 443 have direct TLS.
        """,
      valueName: "address"))
  var server: String?

  @Option(
    help: ArgumentHelp(
      "A PEM file of a certificate authority, or of a server's own self-signed certificate, to trust besides the system's.",
      valueName: "file"), completion: .file())
  var caFile: String?

  /// The account, with the JID checked. The password is read last of all, when everything else is right.
  func account() throws(SettingError) -> Account {
    guard let text = jid else {
      throw SettingError(of: .option("jid"), "is missing", cure: "name the account that calls", .usage)
    }
    let jid = try Self.person(text, role: "--jid")
    var target: ConnectionTarget?
    if let server { target = try ConnectionTarget(setting: server) }
    if let caFile { try Readable.check(caFile, option: "ca-file") }
    return Account(jid: jid, passwordFile: passwordFile, server: target, caFile: caFile)
  }

  static func person(_ text: String, role: String) throws(SettingError) -> JID {
    let jid: JID
    do {
      jid = try JID(text).inULabels
    } catch {
      throw SettingError("\(role) '\(text)' is no XMPP address", cure: "write user@domain", .usage)
    }
    guard jid.local != nil else {
      throw SettingError("\(role) '\(text)' has no user part", cure: "write user@domain", .usage)
    }
    return jid
  }
}
