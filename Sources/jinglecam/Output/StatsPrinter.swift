import Glibc
import Server

/// A running service on a screen: what it is, who watches and what they are sent, and what happened last. The status
/// is one that ``StatusSocket`` read, whose texts are fit for a terminal.
struct StatsPrinter {
  let style: TextStyle
  /// Columns; what is longer is cut.
  let width: Int
  /// As many lines as there is room for; the oldest events are left out.
  var rows = Int.max

  private struct Column: Sendable {
    let title: String
    let value: @Sendable (ServiceStatus.Call) -> String
    let isNumber: Bool
  }

  /// The most important first: what has no room is left out.
  private static let columns: [Column] = [
    Column(title: "FOR", value: { $0.duration.map(time) ?? "connecting" }, isNumber: true),
    Column(title: "SIZE", value: { size($0) }, isNumber: true),
    Column(title: "FPS", value: { $0.framesPerSecond.map { "\(whole($0))" } ?? "-" }, isNumber: true),
    Column(title: "KBIT/S", value: { $0.bitrate.map { "\($0 / 1000)" } ?? "-" }, isNumber: true),
    Column(title: "LIMIT", value: { limit($0) }, isNumber: false),
    Column(title: "PATH", value: { $0.path ?? "-" }, isNumber: false),
    Column(title: "RTT", value: { $0.roundTripTime.map(milliseconds) ?? "-" }, isNumber: true),
    Column(title: "LOSS", value: { $0.fractionLost.map { "\(whole($0 * 100)) %" } ?? "-" }, isNumber: true),
    Column(title: "SOUND", value: { $0.hasSound ? "yes" : "no" }, isNumber: false),
  ]

  private static let gap = "  "
  private static let leastViewerWidth = 12

  func lines(_ status: ServiceStatus) -> [String] {
    var lines = heading(status)
    if let trouble = status.microphoneTrouble { lines.append(cut("There is no sound: \(trouble)", .yellow)) }
    if let pairing = status.pairing {
      let account = status.jid.prefix { $0 != "/" }
      lines.append("")
      lines.append(
        cut("Nobody may watch yet. Write \(pairing.code) to \(account) in a chat to become its admin.", .bold))
      lines.append(cut("The code is valid for \(Self.time(pairing.expiresIn)).", nil))
    }
    lines.append("")
    lines += status.calls.isEmpty ? [cut("Nobody is watching.", nil)] : table(status.calls)
    guard !status.events.isEmpty else { return lines }
    lines.append("")
    return lines + status.events.suffix(max(0, rows - lines.count)).map(line)
  }

  private func heading(_ status: ServiceStatus) -> [String] {
    let (state, colour): (String, TextStyle.Colour) =
      if !status.isConnected {
        ("offline", .red)
      } else if status.state == "no camera" {
        (status.state, .yellow)
      } else {
        ("online", .green)
      }
    let account = status.jid
    let rest =
      "\(Self.gap)\(status.calls.count) of \(status.maximumViewers) watching\(Self.gap)up \(Self.span(status.uptime))"
    let first =
      account.count + Self.gap.count + state.count + rest.count <= width
      ? style(account, .bold) + Self.gap + style(state, colour) + rest : cut(account + Self.gap + state + rest, .bold)
    let allowed =
      switch status.allowed {
      case 0: "nobody may watch"
      case 1: "1 may watch"
      default: "\(status.allowed) may watch"
      }
    return [
      first,
      cut("\(status.source)\(Self.gap)\(allowed)\(Self.gap)jinglecam \(status.program)", nil),
    ]
  }

  // MARK: Calls

  private func table(_ calls: [ServiceStatus.Call]) -> [String] {
    let names = calls.map(\.jid)
    let wanted = max("VIEWER".count, names.map(\.count).max() ?? 0)
    var used = min(wanted, max(Self.leastViewerWidth, width / 4))
    var shown: [(column: Column, cells: [String], width: Int)] = []
    for column in Self.columns {
      let cells = calls.map(column.value)
      let needed = ([column.title] + cells).map(\.count).max() ?? 0
      guard used + Self.gap.count + needed <= width else { break }
      used += Self.gap.count + needed
      shown.append((column, cells, needed))
    }
    // What is left over belongs to the names.
    let nameWidth = min(wanted, max(1, width - shown.reduce(0) { $0 + $1.width + Self.gap.count }))
    func row(_ name: String, _ cells: [String]) -> String {
      var line = Self.padded(Self.cut(name, to: nameWidth), nameWidth, isNumber: false)
      for (cell, column) in zip(cells, shown) {
        line += Self.gap + Self.padded(cell, column.width, isNumber: column.column.isNumber)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
    let title = style(row("VIEWER", shown.map(\.column.title)), .dim)
    return [title] + calls.indices.map { index in row(names[index], shown.map { $0.cells[index] }) }
  }

  private static func size(_ call: ServiceStatus.Call) -> String {
    guard let width = call.frameWidth, let height = call.frameHeight else { return "-" }
    return "\(width)x\(height)"
  }

  private static func limit(_ call: ServiceStatus.Call) -> String {
    switch call.qualityLimitationReason {
    case "bandwidth"?: "network"
    case "cpu"?: "computer"
    default: "-"
    }
  }

  // MARK: Events

  private func line(_ event: ServiceStatus.Event) -> String {
    let fields = event.metadata.sorted { ($0.key == "jid" ? "" : $0.key) < ($1.key == "jid" ? "" : $1.key) }
      .filter { $0.key != "sid" }.map { "\(Self.gap)\($0.key)=\($0.value)" }.joined()
    let text = "\(Self.clock(event.time))  \(event.text)\(fields)"
    switch event.level {
    case "notice", "info": return cut(text, nil)
    case "warning": return cut(text, .yellow)
    default: return cut(text, .red)
    }
  }

  /// The local time of day.
  private static func clock(_ secondsSince1970: Int64) -> String {
    var seconds = time_t(secondsSince1970)
    var local = tm()
    localtime_r(&seconds, &local)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { buffer in
      guard let start = buffer.baseAddress, strftime(start, buffer.count, "%H:%M:%S", &local) > 0 else { return "" }
      return String(cString: start)
    }
  }

  // MARK: Text

  private func cut(_ text: String, _ colour: TextStyle.Colour?) -> String {
    let text = Self.cut(text, to: width)
    return colour.map { style(text, $0) } ?? text
  }

  private static func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }

  private static func padded(_ text: String, _ width: Int, isNumber: Bool) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return isNumber ? blanks + text : text + blanks
  }

  private static func time(_ seconds: Int) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60)
    let end = rest < 10 ? "0\(rest)" : "\(rest)"
    guard minutes >= 60 else { return "\(minutes):\(end)" }
    return "\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60):\(end)"
  }

  private static func span(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) days"
    }
  }

  /// Rounded. No value is too great for it, since it comes from another process.
  private static func whole(_ value: Double) -> Int {
    Int(max(0, min(value.rounded(), 1e9)))
  }

  private static func milliseconds(_ seconds: Double) -> String {
    seconds < 0.0005 ? "<1 ms" : "\(whole(seconds * 1000)) ms"
  }
}
