import Foundation
import Testing

/// What `jinglecam check --json` printed, and how it ended.
struct CheckEvents {
  struct Event: Decodable {
    struct Failure: Decodable, Equatable {
      let stage: String?
      let code: Int?
      let text: String
    }

    let type: String
    let version: Int
    let server: String?
    let transport: String?
    let family: String?
    let isOffered: Bool?
    let error: Failure?
    let mappedAddress: String?
    let relayedAddress: String?
    let packetsSent: Int?
    let packetsReceived: Int?
    let largestPayload: Int?
    let mapping: String?
    let filtering: String?
    let method: String?
    let state: String?
    let isSelected: Bool?
    let dtlsHandshakeTime: Double?
    let framesSent: Int?
    let verdict: String?
    let isPrediction: Bool?
    let advice: String?
    let status: Int?
  }

  let end: Program.End
  let events: [Event]

  init(_ program: Program) async throws {
    end = try await program.end()
    events = try end.lines.filter { $0.hasPrefix("{") }.map {
      try JSONDecoder().decode(Event.self, from: Data($0.utf8))
    }
    for event in events { #expect(event.version == 1) }
  }

  func of(_ type: String) -> [Event] { events.filter { $0.type == type } }

  /// What was told of one way to a server that was named.
  func way(_ type: String, _ transport: String, _ family: String = "IPv4") -> Event? {
    of(type).first { $0.transport == transport && $0.family == family && $0.isOffered != false }
  }

  var verdict: Event? { of("verdict").last }
}
