import Testing

@testable import Streamer
@testable import jinglecam

@Suite("What a command comes to, in JSON")
struct FinalReportTests {
  @Test("the exit status stands among the keys of the body, in one object")
  func flat() throws {
    let summary = CallSummary(outcome: .noAnswer, text: "nobody answered", duration: 0)
    let report = FinalReport(body: summary, status: .temporaryFailure)
    let line = try #require(JSONLine(type: "summary", version: 1, body: report).text)
    #expect(
      line.replacing(#/"timestamp":\d+/#, with: #""timestamp":0"#)
        == #"{"duration":0,"outcome":"no-answer","status":75,"text":"nobody answered","timestamp":0,"#
        + #""type":"summary","version":1}"#)
  }
}
