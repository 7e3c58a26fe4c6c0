import NIOCore
import Server
import XMPP

/// What happens between the start of a service and its first call, in lines for a person, from one status after the other.
struct FirstCallWatch: Sendable {
  /// As long as a pairing code is valid.
  static let patience = TimeAmount.minutes(10)

  private let camera: JID
  private let unit: String
  private let end: NIODeadline
  private var hadCode = false
  /// The events that were told.
  private var told: Set<String> = []
  /// With whom a call is being connected.
  private var connecting: Set<String> = []
  private(set) var isOver = false

  init(camera: JID, unit: String, now: NIODeadline) {
    self.camera = camera
    self.unit = unit
    end = now + Self.patience
  }

  /// - Returns: the lines to be shown.
  mutating func receive(_ status: ServiceStatus, now: NIODeadline) -> [String] {
    let lines = status.events.compactMap { line($0) } + follow(status.calls)
    guard !isOver else { return lines }
    if status.pairing != nil {
      hadCode = true
    } else if hadCode, status.allowed == 0 {
      return lines
        + finish(
          "The code is no longer valid. For a new one: sudo systemctl restart \(unit), then sudo jinglecam stats")
    }
    guard now >= end else { return lines }
    return lines
      + finish("Ten minutes have passed without a call. \(unit) runs: call \(camera), or write \"call me\" to it.")
  }

  /// The service does not answer.
  mutating func fail(_ failure: StatusSocket.Failure) -> [String] {
    if case .notRunning = failure {
      return finish("\(unit) does not run any longer: journalctl -u \(unit) says why.")
    }
    return finish("\(unit) cannot be watched any longer: \(failure)")
  }

  private mutating func finish(_ line: String) -> [String] {
    isOver = true
    return [line]
  }

  private mutating func line(_ event: ServiceStatus.Event) -> String? {
    // What happens to one person again and again is told once.
    guard let milestone = event.milestone, let person = event.metadata["jid"],
      told.insert("\(milestone) \(person)").inserted
    else { return nil }
    return switch milestone {
    case .paired: "\(person) has paired, and is the admin of the camera."
    case .contact: "\(person) has added the camera."
    }
  }

  private mutating func follow(_ calls: [ServiceStatus.Call]) -> [String] {
    var lines: [String] = []
    var current: Set<String> = []
    for call in calls {
      let person = String(call.jid.prefix { $0 != "/" })
      guard call.duration == nil else { return lines + finish("\(person) sees the camera.") }
      current.insert(person)
      if !connecting.contains(person) { lines.append("A call with \(person) begins: accept it on the phone.") }
    }
    lines += connecting.subtracting(current).sorted().map {
      "The call with \($0) came to nothing. To be called again, write \"call me\" to \(camera)."
    }
    connecting = current
    return lines
  }
}
