import ArgumentParser
import Network
import Settings
import XMPP

/// The options that say who calls; every command that logs in shares them.
struct AccountOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "This computer's XMPP account, as user@domain.",
      discussion: "Its password comes from JINGLECAM_PASSWORD or --password-file, never from an argument.",
      valueName: "jid"))
  var jid: String?

  @Option(help: ArgumentHelp("A file whose first line is the password.", valueName: "file"), completion: .file())
  var passwordFile: String?

  @Option(
    help: ArgumentHelp(
      "Connect to this server (default: the one that DNS names). Its certificate must be valid for the JID's domain.",
      discussion: """
        HOST[:PORT], or xmpps://HOST[:PORT] for direct TLS and xmpp://HOST[:PORT] for STARTTLS. Without a scheme, \
        direct TLS is used on ports 5223 and 443, and STARTTLS on others.
        """,
      valueName: "address"))
  var server: String?

  @Option(
    help: ArgumentHelp(
      "An additional certificate to trust, in a PEM file: an authority's, or a server's own self-signed one.",
      valueName: "file"), completion: .file())
  var caFile: String?

  /// The account, with the JID checked. The password is read last of all, when everything else is right.
  func account() throws(SettingError) -> Account {
    guard let text = jid else {
      throw SettingError(
        of: .option("jid"), "is missing", cure: "name the account that calls, as user@domain", .usage)
    }
    let jid = try Self.person(text, .option("jid"))
    var target: ConnectionTarget?
    if let server { target = try ConnectionTarget(setting: server) }
    if let caFile { try AuthorityFile.check(caFile) }
    return Account(jid: jid, passwordFile: passwordFile, server: target, caFile: caFile)
  }

  static func person(_ text: String, _ subject: SettingError.Subject) throws(SettingError) -> JID {
    do throws(SettingError) {
      return try AccountAddress.parse(text)
    } catch {
      throw error.of(subject)
    }
  }
}
