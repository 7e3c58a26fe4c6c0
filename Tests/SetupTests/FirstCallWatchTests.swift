import NIOCore
import TestSupport
import Testing
import XMPP

@testable import Server
@testable import Setup

@Suite("What happens until the first call")
struct FirstCallWatchTests {
  private var clock = ManualClock()
  private var watch: FirstCallWatch
  private var status = ServiceStatus(
    timestamp: 0, program: "0.1.0", jid: "cam@example.net/x", isConnected: true, state: "ready", source: "camera",
    uptime: 0, maximumViewers: 4, allowed: 0, pairing: .init(code: "1234 5678", expiresIn: 600))

  init() throws {
    watch = FirstCallWatch(camera: try JID("cam@example.net"), unit: "jinglecam.service", now: clock.now)
  }

  private mutating func look(after time: TimeAmount = .seconds(1)) -> [String] {
    clock.advance(by: time)
    return watch.receive(status, now: clock.now)
  }

  private mutating func happen(_ text: String, to person: String) {
    status.events.append(.init(time: 0, level: "notice", text: text, metadata: ["jid": person]))
  }

  private mutating func pair() {
    (status.pairing, status.allowed) = (nil, 1)
    happen("paired", to: "ann@example.net")
  }

  @Test("is told in one line each, and the call that shows the picture is the end")
  mutating func course() throws {
    happen("started", to: "cam@example.net")
    #expect(look().isEmpty)
    pair()
    #expect(look() == ["ann@example.net has paired, and is the admin of the camera."])
    happen("contact request accepted", to: "ann@example.net")
    #expect(look() == ["ann@example.net has added the camera."])
    status.calls = [.init(jid: "ann@example.net")]
    #expect(look() == ["A call with ann@example.net begins: accept it on the phone."])
    status.calls = [.init(jid: "ann@example.net/phone")]
    #expect(look().isEmpty && !watch.isOver)
    status.calls[0].duration = 0
    #expect(look() == ["ann@example.net sees the camera."])
    #expect(watch.isOver)
  }

  @Test("is told once for each person, although the log has it as long as it is among the last lines")
  mutating func once() {
    pair()
    for person in ["ann@example.net", "bob@example.net", "ann@example.net"] {
      happen("contact request accepted", to: person)
    }
    #expect(look().count == 3)
    happen("contact request accepted", to: "bob@example.net")
    #expect(look().isEmpty)
  }

  @Test("goes on if a call comes to nothing, and says how to get another")
  mutating func declined() {
    pair()
    status.calls = [.init(jid: "ann@example.net")]
    #expect(look().count == 2)
    status.calls = []
    let lines = look()
    #expect(lines.count == 1 && lines[0].contains("\"call me\" to cam@example.net"))
    #expect(!watch.isOver)
    status.calls = [.init(jid: "ann@example.net")]
    #expect(look().count == 1)
  }

  @Test("ends when the code is no longer valid, and nobody has used it")
  mutating func code() {
    #expect(look().isEmpty)
    status.pairing = nil
    let lines = look()
    #expect(watch.isOver && lines.count == 1 && lines[0].contains("systemctl restart jinglecam.service"))
  }

  @Test("goes on if there never was a code, since somebody may watch")
  mutating func noCode() {
    (status.pairing, status.allowed) = (nil, 1)
    #expect(look().isEmpty && !watch.isOver)
  }

  @Test("ends after ten minutes, and says what to do")
  mutating func time() {
    pair()
    _ = look()
    #expect(look(after: FirstCallWatch.patience - .seconds(1) - .nanoseconds(1)).isEmpty && !watch.isOver)
    let lines = look(after: .nanoseconds(1))
    #expect(watch.isOver && lines.count == 1 && lines[0].contains("call cam@example.net"))
  }

  @Test("ends if the service cannot be asked any longer")
  mutating func failure() {
    let lines = watch.fail(.notRunning(["/run/jinglecam/status.sock"]))
    #expect(watch.isOver && lines.count == 1 && lines[0].contains("journalctl -u jinglecam.service"))
  }
}
