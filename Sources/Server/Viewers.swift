import NIOCore
import Streamer
import XMPP

/// The calls with those who watch, from the first stanza to the last, on the event loop of all of them.
struct Viewers {
  private struct Place {
    let call: CallDriver
    /// The number by which metrics tell calls apart; the next call may get it again.
    let number: Int
    /// The task that runs the call, and returns when it is over.
    let end: Task<Void, Never>
  }

  private var places: [Place] = []

  var calls: [CallDriver] { places.map(\.call) }
  var ends: [Task<Void, Never>] { places.map(\.end) }
  var count: Int { places.count }
  var isEmpty: Bool { places.isEmpty }

  /// The calls that are not over.
  var current: [CallDriver] { calls.filter { call in call.assumeIsolated { $0.outcome == nil } } }

  func contains(_ person: JID) -> Bool {
    calls.contains { call in call.assumeIsolated { $0.peer.bare == person.bare } }
  }

  func number(of call: CallDriver) -> Int {
    places.first { $0.call === call }?.number ?? 0
  }

  mutating func insert(_ call: CallDriver, until end: Task<Void, Never>) {
    let taken = Set(places.map(\.number))
    places.append(Place(call: call, number: (1...).first { !taken.contains($0) } ?? 0, end: end))
  }

  mutating func remove(_ call: CallDriver) {
    places.removeAll { $0.call === call }
  }
}
