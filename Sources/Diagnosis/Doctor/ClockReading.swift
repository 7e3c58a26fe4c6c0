/// What the clock says, and what it can be held against. A Raspberry Pi has none that runs without power.
struct ClockReading: Sendable {
  /// Seconds by which the server (XEP-0202) is ahead of us; nil: it does not tell.
  var serverOffset: Int64?
  /// Whether the kernel is told the time by somebody (adjtimex(2)); nil: it does not say.
  var isSynchronized: Bool?

  /// The server's answer has no fractions, and was under way for a moment.
  private static let precision: Int64 = 5
  /// TURN credentials last some hours, as a rule; five minutes is what other protocols forgive.
  private static let tolerance: Int64 = 300

  private static let fix =
    "sudo timedatectl set-ntp true (install systemd-timesyncd where that fails), and let NTP out of the firewall"

  var finding: DoctorFinding {
    guard let serverOffset else { return withoutServer }
    let magnitude = abs(serverOffset)
    let amount = CheckText.span(seconds: magnitude)
    let text = "\(amount) \(serverOffset > 0 ? "behind" : "ahead of") the XMPP server's"
    switch magnitude {
    case ...Self.precision:
      return .ok(
        .clock, "agrees with the XMPP server's\(isSynchronized == true ? ", and is kept so by network time" : "")")
    case ...Self.tolerance:
      return .warning(.clock, text, fix: Self.fix)
    default:
      return .problem(
        .clock, "\(text), and certificates and TURN credentials lapse by it", fix: Self.fix, .clock)
    }
  }

  /// The finding where no server tells the time: only the kernel knows.
  private var withoutServer: DoctorFinding {
    switch isSynchronized {
    case true?: .ok(.clock, "is kept by network time; there was no XMPP server to compare it with")
    case false?:
      .warning(.clock, "is not synchronized, and there was no XMPP server to compare it with", fix: Self.fix)
    case nil:
      .warning(.clock, "cannot be compared: there was no XMPP server", fix: "compare it by hand: date -u")
    }
  }
}
