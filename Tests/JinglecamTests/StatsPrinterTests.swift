import Testing

@testable import Server
@testable import jinglecam

@Suite("A running service on a screen")
struct StatsPrinterTests {
  private static func call(_ jid: String, _ change: (inout ServiceStatus.Call) -> Void = { _ in }) -> ServiceStatus.Call
  {
    var call = ServiceStatus.Call(jid: jid)
    call.duration = 76
    (call.frameWidth, call.frameHeight, call.framesPerSecond, call.bitrate) = (640, 480, 24.9, 519_400)
    (call.path, call.roundTripTime, call.fractionLost) = ("relay", 0.0402, 0.02)
    (call.qualityLimitationReason, call.availableOutgoingBitrate) = ("bandwidth", 480_000)
    change(&call)
    return call
  }

  private static func status(
    calls: [ServiceStatus.Call] = [], events: [ServiceStatus.Event] = [], pairing: ServiceStatus.PairingCode? = nil,
    isConnected: Bool = true
  ) -> ServiceStatus {
    ServiceStatus(
      timestamp: 1_700_000_000_000, program: "0.1.0", jid: "cam@example.net/x", isConnected: isConnected,
      state: "ready", source: "/dev/video0", uptime: 7_300, maximumViewers: 4, allowed: 2, pairing: pairing,
      calls: calls, events: events)
  }

  private static func lines(
    _ status: ServiceStatus, width: Int = 120, style: TextStyle = .plain
  ) -> [String] { StatsPrinter(style: style, width: width).lines(status) }

  @Test("says what is served, who watches, what each is sent and what limits it")
  func calls() {
    let lines = Self.lines(
      Self.status(calls: [Self.call("ann@example.net/phone"), ServiceStatus.Call(jid: "bob@example.net")]))
    #expect(
      lines == [
        "cam@example.net/x  online  2 of 4 watching  up 2 h",
        "/dev/video0  2 may watch  jinglecam 0.1.0",
        "",
        "VIEWER                        FOR     SIZE  FPS  KBIT/S  LIMIT    PATH     RTT  LOSS  SOUND",
        "ann@example.net/phone        1:16  640x480   25     519  network  relay  40 ms   2 %  no",
        "bob@example.net        connecting        -    -       -  -        -          -     -  no",
      ])
  }

  @Test("says why there is no sound")
  func sound() {
    var status = Self.status()
    status.microphoneTrouble = "the microphone of sound card C920 is in use by arecord"
    #expect(
      Self.lines(status)[2] == "There is no sound: the microphone of sound card C920 is in use by arecord")
  }

  @Test("leaves out what a narrow terminal has no room for, and is never wider than it", arguments: 1...110)
  func narrow(width: Int) {
    let lines = Self.lines(
      Self.status(
        calls: [Self.call("somebody.with.a.long.name@example.net/phone")],
        events: [.init(time: 0, level: "notice", text: "call started", metadata: ["jid": "ann@example.net/phone"])],
        pairing: .init(code: "1234 5678", expiresIn: 61)),
      width: width)
    #expect(lines.allSatisfy { $0.count <= max(width, 12) }, "\(lines)")
    if width >= 40 { #expect(lines.contains { $0.contains("1:16") }) }
    #expect(lines.contains { $0.contains("LIMIT") } == (width >= 49), "\(lines)")
    #expect(lines.contains { $0.contains("LOSS") } == (width >= 75), "\(lines)")
  }

  @Test("says how to become the admin, and for how long")
  func pairing() {
    let lines = Self.lines(Self.status(pairing: .init(code: "1234 5678", expiresIn: 545)))
    #expect(
      lines.contains("Nobody may watch yet. Write 1234 5678 to cam@example.net in a chat to become its admin."))
    #expect(lines.contains("The code is valid for 9:05."))
    #expect(lines.contains("Nobody is watching."))
  }

  @Test("has colours where they are wanted, and the same words")
  func colours() {
    let status = Self.status(
      calls: [Self.call("ann@example.net")],
      events: [.init(time: 0, level: "warning", text: "the camera is gone", metadata: [:])], isConnected: false)
    let coloured = Self.lines(status, style: TextStyle(isColoured: true))
    #expect(coloured.contains { $0.contains("\u{1b}[31moffline\u{1b}[0m") })
    #expect(coloured.last?.hasPrefix("\u{1b}[33m") == true)
    let plain = coloured.map { $0.replacing(#/\u{1b}\[\d+m/#, with: "") }
    #expect(plain == Self.lines(status))
  }

  @Test("shows numbers of any size", arguments: [1e300, -1e300, .infinity, -.infinity, .nan])
  func numbers(value: Double) {
    for whole in [Int.max, Int.min] {
      let call = Self.call("ann@example.net") {
        ($0.framesPerSecond, $0.roundTripTime, $0.fractionLost) = (value, value, value)
        ($0.duration, $0.bitrate, $0.frameWidth) = (whole, whole, whole)
      }
      let lines = Self.lines(
        Self.status(
          calls: [call], events: [.init(time: Int64(whole), level: "notice", text: "event", metadata: [:])],
          pairing: .init(code: "1234 5678", expiresIn: whole)),
        width: .max)
      #expect(lines.last?.hasSuffix("event") == true)
    }
  }

  @Test("names a viewer first and the session not at all")
  func event() {
    let lines = Self.lines(
      Self.status(
        events: [
          .init(
            time: 0, level: "notice", text: "call ended",
            metadata: ["bytes": "12", "jid": "ann@example.net", "outcome": "hung-up", "sid": "abc"])
        ]))
    #expect(lines.last?.hasSuffix("  call ended  jid=ann@example.net  bytes=12  outcome=hung-up") == true)
  }

  @Test("leaves out the oldest events where there are few rows")
  func rows() {
    let events = (0..<20).map { ServiceStatus.Event(time: 0, level: "notice", text: "event \($0)", metadata: [:]) }
    let lines = StatsPrinter(style: .plain, width: 80, rows: 8).lines(Self.status(events: events))
    #expect(lines.count == 8)
    #expect(lines.last?.hasSuffix("event 19") == true && lines[5].hasSuffix("event 17"))
  }
}
