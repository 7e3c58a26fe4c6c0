/// The XMPP account was let in.
struct LoginEvent: CheckEvent {
  static let type = "login"

  let jid: String
  /// Seconds.
  let time: Double

  var text: String { jid }
}
