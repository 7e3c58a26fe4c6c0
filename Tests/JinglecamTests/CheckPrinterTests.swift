import ICE
import NIOConcurrencyHelpers
import NIOCore
import Streamer
import TestSupport
import Testing

@testable import Account
@testable import Diagnosis
@testable import jinglecam

@Suite("What a check prints")
struct CheckPrinterTests {
  private static let secret = "s3cret-passw0rd"
  private static let server = CheckServer(
    ice: ICEServer(
      kind: .turn(TURNCredentials(username: "1700000000:cam", password: secret)),
      address: ICEServerSample.address(1), relayProtocol: .tls, name: "a.test", url: "turns:a.test:5349"),
    isOffered: true, isNamedByUser: true)

  private static func lines(json: Bool, _ body: (CheckPrinter) -> Void) -> [String] {
    let lines = NIOLockedValueBox<[String]>([])
    body(CheckPrinter(json: json) { line in lines.withLockedValue { $0.append(line) } })
    return lines.withLockedValue { $0 }
  }

  private static func everything(_ reporter: CheckPrinter) {
    reporter.report(TURNEvent(server, AllocationFinding(error: .unauthorized(STUNErrorCode(401)))))
    reporter.report(TURNEvent(server, AllocationFinding()))
    reporter.report(TURNEvent(server, noRoute: "Network is unreachable"))
    reporter.report(RelayEvent(server, RelayFinding()))
    var finding = STUNProbeFinding(server: server.ice.address, local: server.ice.address)
    finding.mapped = server.ice.address
    reporter.report(STUNEvent(server: server.ice.url, isOffered: true, finding))
    reporter.report(CheckVerdict(CheckFindings()), time: .seconds(1))
  }

  @Test("neither passwords nor usernames are printed", arguments: [true, false])
  func secrets(json: Bool) {
    let lines = Self.lines(json: json, Self.everything)
    #expect(lines.count == 6)
    #expect(lines.allSatisfy { !$0.contains(Self.secret) && !$0.contains("1700000000") })
  }

  @Test("each JSON object has its type, the format's version and a time")
  func json() {
    let lines = Self.lines(json: true, Self.everything)
    for (line, type) in zip(lines, ["turn", "turn", "turn", "relay", "stun", "verdict"]) {
      #expect(line.contains(#""type":"\#(type)""#) && line.contains(#""version":1"#) && line.contains(#""timestamp":"#))
    }
    #expect(lines[0].contains(#""error":{"code":401,"stage":"connect","text":"the credentials"#))
    #expect(
      lines.last?.contains(#""verdict":"none""#) == true && lines.last?.contains(#""isPrediction":true"#) == true
        && lines.last?.contains(#""status":11"#) == true)
  }

  @Test("a server's words cannot command the terminal")
  func hostileText() {
    let lines = Self.lines(json: false) {
      $0.report(
        TURNEvent(Self.server, AllocationFinding(error: .rejected(STUNErrorCode(500, "\u{1b}[2Jbad\nverdict ok")))))
    }
    #expect(lines.count == 1)
    #expect(lines.first?.unicodeScalars.allSatisfy { $0.value >= 32 } == true)
  }

  @Test(
    "without --verbose there are a few facts, a drawing and the verdict, within 79 columns, also of hostile servers")
  func summary() {
    let lines = NIOLockedValueBox<[String]>([])
    let printer = CheckPrinter(json: false, isVerbose: false) { line in lines.withLockedValue { $0.append(line) } }
    printer.report(
      InterfacesEvent(addresses: [], routes: [.init(family: "IPv4", source: "192.0.2.9", error: nil)], time: 0))
    printer.report(TURNEvent(Self.server, AllocationFinding(error: .rejected(STUNErrorCode(500, "\u{1b}[2Jbad")))))
    #expect(lines.withLockedValue { $0.count } == 1, "what is known at once is printed at once")
    printer.report(LoginEvent(jid: "cam\u{1b}[2J@example.net", time: 0))
    Self.everything(printer)
    let printed = lines.withLockedValue { $0 }.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    #expect(printed.first == "ok       network  IPv4 from 192.0.2.9")
    #expect(printed.contains { $0.hasPrefix("problem  relay    ") || $0.hasPrefix("ok       relay    ") })
    #expect(printed.contains { $0.hasPrefix("192.0.2.9 ") && $0.hasSuffix(" ?") })
    #expect(printed.contains { $0.hasPrefix("blocked") || $0.hasPrefix("unknown") })
    #expect(printed.allSatisfy { $0.count <= 79 && !$0.unicodeScalars.contains("\u{1b}") }, "\(printed)")
    // A second check begins with nothing.
    lines.withLockedValue { $0 = [] }
    printer.report(CheckVerdict(CheckFindings()), time: .seconds(1))
    #expect(lines.withLockedValue { !$0.contains { $0.contains("network") || $0.contains("relay  ") } })
  }

  @Test("the step that failed has a line: the login, or after it the call")
  func failure() {
    let lines = NIOLockedValueBox<[String]>([])
    let printer = CheckPrinter(json: false, isVerbose: false) { line in lines.withLockedValue { $0.append(line) } }
    let error = StreamError.account(
      XMPPClientError(.credentials, "the password was refused", cure: "check the password"))
    printer.report(error)
    #expect(lines.withLockedValue { $0 } == ["problem  login    the password was refused"])
    lines.withLockedValue { $0 = [] }
    printer.report(LoginEvent(jid: "cam@example.net", time: 0))
    printer.report(error)
    #expect(lines.withLockedValue { $0.count } == 2)
    #expect(lines.withLockedValue { $0.last } == "problem  call     the password was refused")
  }

  @Test("times are told in units that can be read")
  func times() {
    #expect(CheckText.time(.microseconds(240)) == "0.2 ms")
    #expect(CheckText.time(.milliseconds(52)) == "52 ms")
    #expect(CheckText.time(.milliseconds(3_040)) == "3.0 s")
    #expect(CheckText.span(seconds: 59) == "59 s" && CheckText.span(seconds: 86_400) == "24 h")
  }
}
