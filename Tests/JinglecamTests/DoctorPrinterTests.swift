import NIOConcurrencyHelpers
import Testing

@testable import Diagnosis
@testable import jinglecam

@Suite("What a doctor prints")
struct DoctorPrinterTests {
  private static let findings = [
    DoctorFinding.ok(.camera, "/dev/video0"),
    .warning(.clock, "12 s behind", fix: "set it"),
    .problem(.login, "refused", fix: "check it", .account(.credentials)),
    .problem(.path, "blocked", fix: "open it", .unavailable),
  ]

  private static func lines(json: Bool, _ body: (DoctorPrinter) -> Void) -> [String] {
    let lines = NIOLockedValueBox<[String]>([])
    body(DoctorPrinter(json: json) { line in lines.withLockedValue { $0.append(line) } })
    return lines.withLockedValue { $0 }
  }

  @Test("a line for people has the level, the subject, what is wrong, and what to do")
  func people() {
    let lines = Self.lines(json: false) { reporter in
      Self.findings.forEach(reporter.report)
      reporter.report(DoctorConclusion(Self.findings))
    }
    #expect(
      lines == [
        "ok       camera         /dev/video0", "warning  clock          12 s behind: set it",
        "problem  login          refused: check it", "problem  path           blocked: open it",
        "2 problems and 1 warning.",
      ])
  }

  @Test("the level has a colour where there are some, and the words stay the same")
  func colours() {
    let lines = NIOLockedValueBox<[String]>([])
    let printer = DoctorPrinter(json: false, style: TextStyle(isColoured: true)) { line in
      lines.withLockedValue { $0.append(line) }
    }
    (Self.findings + [.skipped(.contacts, "no login")]).forEach(printer.report)
    let coloured = lines.withLockedValue { $0 }
    for (line, start) in zip(coloured, ["32mok", "33mwarning", "31mproblem", "31mproblem", "2mskipped"]) {
      #expect(line.hasPrefix("\u{1b}[\(start)\u{1b}[0m "))
    }
    let plain = Self.lines(json: false) { printer in
      (Self.findings + [.skipped(.contacts, "no login")]).forEach(printer.report)
    }
    #expect(coloured.map { $0.replacing(#/\u{1b}\[\d+m/#, with: "") } == plain)
    #expect(plain.last == "skipped  contacts       no login")
  }

  @Test("what was skipped is neither a problem nor a warning")
  func skipped() {
    #expect(DoctorConclusion([.skipped(.contacts, "no login")]).text == "All is well.")
  }

  @Test("a program reads the same, with the exit code")
  func programs() throws {
    let lines = Self.lines(json: true) { reporter in
      Self.findings.forEach(reporter.report)
      reporter.report(DoctorConclusion(Self.findings))
    }
    #expect(lines.count == 5)
    #expect(lines.allSatisfy { $0.contains(#""version":1"#) && $0.contains(#""timestamp":"#) })
    #expect(lines[0].contains(#""level":"ok""#) && !lines[0].contains("fix"))
    let problem = lines[2]
    for part in [
      #""type":"finding""#, #""subject":"login""#, #""level":"problem""#, #""text":"refused""#, #""fix":"check it""#,
      #""status":77"#,
    ] { #expect(problem.contains(part), "\(problem)") }
    for part in [#""type":"conclusion""#, #""problems":2"#, #""warnings":1"#, #""status":77"#] {
      #expect(lines[4].contains(part), "\(lines[4])")
    }
  }

  @Test("a camera or a server that names itself does not command the terminal")
  func terminal() {
    let lines = Self.lines(json: false) { $0.report(.ok(.camera, "\u{1B}[2J\u{9B}31mcam\nok  all is well")) }
    #expect(lines == ["ok       camera         [2J31mcam ok  all is well"])
  }

  @Test("the exit code is that of the first problem; warnings are no failure")
  func conclusion() {
    #expect(ExitStatus(DoctorConclusion(Self.findings).cause) == .noPermission)
    #expect(ExitStatus(DoctorConclusion(Array(Self.findings.prefix(2))).cause) == .success)
    #expect(DoctorConclusion(Array(Self.findings.prefix(2))).text == "1 warning; jinglecam serve works.")
    #expect(DoctorConclusion(Array(Self.findings.prefix(1))).text == "All is well.")
    // A problem of the paths keeps some calls from coming about, one of the login all of them.
    #expect(DoctorConclusion([Self.findings[3]]).canServe && !DoctorConclusion([Self.findings[2]]).canServe)
    #expect(ExitStatus(DoctorConclusion([Self.findings[3], Self.findings[2]]).cause) == .unavailable)
  }
}
