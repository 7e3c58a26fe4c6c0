import Testing

@testable import Server

@Suite("What a service tells of itself")
struct ServiceStatusTests {
  @Test("is read as it was written, in one line")
  func roundTrip() throws {
    var call = ServiceStatus.Call(jid: "ann@example.net/phone")
    (call.duration, call.bitrate, call.path) = (3, 500_000, "direct")
    let status = ServiceStatus.sample(
      calls: [call], events: [.init(time: 1, level: "notice", text: "a\nb", metadata: ["jid": "ann"])],
      pairing: .init(code: "1234 5678", expiresIn: 599))
    #expect(!status.json.contains("\n"))
    #expect(ServiceStatus(json: status.json) == status)
    #expect(status.json.contains(#""version":1"#) && status.json.contains(#""type":"status""#))
  }

  @Test("is not read if it is of another version or kind, or nothing of the sort")
  func others() {
    let json = ServiceStatus.sample().json
    #expect(ServiceStatus(json: json.replacing(#""version":1"#, with: #""version":2"#)) == nil)
    #expect(ServiceStatus(json: json.replacing(#""type":"status""#, with: #""type":"stats""#)) == nil)
    for text in ["", "{}", "[]", String(json.dropLast()), "\u{0}"] { #expect(ServiceStatus(json: text) == nil) }
  }

  @Test("is smaller than what is read of it, also with as many viewers and events as there can be")
  func size() {
    let name = String(repeating: "ä", count: 1_500)
    let call = ServiceStatus.Call(jid: name + "@" + name)
    let event = ServiceStatus.Event(
      time: 1, level: "notice", text: String(repeating: "€", count: 300),
      metadata: Dictionary(uniqueKeysWithValues: (0..<8).map { ("key\($0)", String(repeating: "€", count: 300)) }))
    let status = ServiceStatus.sample(
      calls: Array(repeating: call, count: 64), events: Array(repeating: event, count: RecentEvents.limit))
    #expect(status.json.utf8.count < ServiceStatus.sizeLimit)
  }
}
