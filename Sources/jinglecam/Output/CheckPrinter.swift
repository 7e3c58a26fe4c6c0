import Diagnosis
import NIOCore
import Network
import Streamer
import Synchronization

/// Prints a check on standard output: for people a summary at its end or each step as it is done, or JSON.
struct CheckPrinter: CheckReporter {
  /// The version of the JSON format, which grows where a field changes its meaning or is removed.
  static let version = 1

  /// What has been found so far; a check that is repeated begins with nothing again.
  private final class Tally: Sendable {
    struct Progress {
      var summary = CheckSummary()
      /// How many of its first facts have been printed.
      var printed = 0
    }

    let progress = Mutex(Progress())
  }

  private static let width = 79
  /// Of a fact, behind its mark.
  private static let subjectWidth = 9

  let json: Bool
  var isVerbose = true
  var style = TextStyle.plain
  private let tally = Tally()
  var output: @Sendable (String) -> Void = StandardStream.output

  func report<Event: CheckEvent>(_ event: Event) {
    if json {
      write(Event.type, event)
    } else if !isVerbose {
      tally.progress.withLock { progress in
        progress.summary.note(event)
        let facts = progress.summary.firstFacts
        tell(facts.dropFirst(progress.printed))
        progress.printed = facts.count
      }
    } else if !event.isForPrograms {
      output(event.textLine)
    }
  }

  func report(_ verdict: CheckVerdict, time: TimeAmount) {
    let event = VerdictEvent(verdict, time: time)
    if json {
      write(VerdictEvent.type, FinalReport(body: event, status: ExitStatus(verdict.outcome)))
    } else if isVerbose {
      output(event.textLine)
    } else {
      let drawing = finish().drawing(verdict, width: Self.width)
      output(([""] + drawing + (drawing.isEmpty ? [] : [""])).joined(separator: "\n"))
      Self.wrapped(PrintableText.from(event.text)).forEach(output)
    }
  }

  func report(_ error: StreamError) {
    // As far as it came.
    if !json, !isVerbose {
      tally.progress.withLock { $0.summary.note(error) }
      _ = finish()
    }
    report(CommandError(error))
  }

  /// Prints the facts that were known only at the end.
  private func finish() -> CheckSummary {
    let summary = tally.progress.withLock { progress in
      defer { progress = Tally.Progress() }
      return progress.summary
    }
    tell(summary.lastFacts[...])
    return summary
  }

  private func tell(_ facts: ArraySlice<CheckSummary.Fact>) {
    for fact in facts {
      let subject = fact.subject + String(repeating: " ", count: max(1, Self.subjectWidth - fact.subject.count))
      let room = Self.width - DoctorFinding.Level.markWidth - subject.count
      // Servers name themselves, and must not command the terminal.
      let text = PrintableText.from(fact.text)
      let shown = text.count <= room ? text : text.prefix(room - 1) + "…"
      output(fact.level.mark(style) + subject + shown)
    }
  }

  /// Lines of whole words.
  private static func wrapped(_ text: String) -> [String] {
    text.split(separator: " ").reduce(into: []) { lines, word in
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
  }

  /// What kept it from being checked.
  func report(_ error: CommandError) {
    StandardStream.error("jinglecam: \(error)")
    if json { write("error", ErrorReport(error)) }
  }

  private func write(_ type: String, _ body: some Encodable) {
    if let line = JSONLine(type: type, version: Self.version, body: body).text { output(line) }
  }
}
