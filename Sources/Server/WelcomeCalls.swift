import Jingle
import NIOCore
import XMPP

/// The people whom the camera calls once because they have just become its contacts: a phone that rings shows its owner that
/// everything works.
///
/// They are called when they are available with a device that takes calls with video, which service discovery (XEP-0030)
/// tells. Whoever is not within ten minutes is not called: later, nobody expects it.
struct WelcomeCalls: Sendable {
  /// How long a device is waited for that takes the call.
  static let patience = TimeAmount.minutes(10)
  /// The time between the answer of a device and the call. Its client has only just learned of the contact, and rings for
  /// contacts alone; and who presses the call button at once is not called besides.
  static let pause = TimeAmount.seconds(3)
  /// The most people who are waited for: few are added within minutes.
  static let personLimit = 64
  /// More devices than a list of people has, and still little memory.
  static let deviceLimit = 256
  /// The most requests to the devices of one person, which may come and go.
  static let requestLimit = 8

  private struct Wait: Sendable {
    let end: NIODeadline
    var asked: Set<JID> = []
    var requestsLeft = WelcomeCalls.requestLimit
    /// The devices that take calls with video.
    var able: Set<JID> = []
    var callTime: NIODeadline?
  }

  /// The available devices of those who may watch.
  private var devices: Set<JID> = []
  private var waits: [JID: Wait] = [:]
  /// With whom there has been a call.
  private var called: Set<JID> = []

  /// Begins anew with the devices: in a new session the server tells who is available (RFC 6121 section 4.3), and of
  /// those that have gone meanwhile it tells nothing.
  mutating func beginSession() {
    devices = []
    waits = waits.mapValues { Wait(end: $0.end) }
  }

  /// Takes a person who has just become a contact.
  ///
  /// - Returns: the devices that are to be asked for their features; continue with ``receive(_:of:now:)``.
  mutating func add(_ person: JID, now: NIODeadline) -> [JID] {
    let person = person.bare
    guard waits[person] == nil, waits.count < Self.personLimit, !called.contains(person), called.count < Roster.limit
    else { return [] }
    waits[person] = Wait(end: now + Self.patience)
    return devices.filter { $0.bare == person && mayAsk($0) }
  }

  /// Takes the presence of somebody who may watch.
  ///
  /// - Returns: the device, if it is to be asked for its features.
  mutating func receive(_ presence: XMLElement) -> JID? {
    guard let device = presence.from, !device.isBare else { return nil }
    guard presence["type"] == nil else {
      devices.remove(device)
      waits[device.bare]?.asked.remove(device)
      waits[device.bare]?.able.remove(device)
      if waits[device.bare]?.able.isEmpty == true { waits[device.bare]?.callTime = nil }
      return nil
    }
    if devices.count == Self.deviceLimit, !devices.contains(device) { devices.removeFirst() }
    devices.insert(device)
    return mayAsk(device) ? device : nil
  }

  private mutating func mayAsk(_ device: JID) -> Bool {
    guard let wait = waits[device.bare], wait.requestsLeft > 0, !wait.asked.contains(device) else { return false }
    waits[device.bare]?.asked.insert(device)
    waits[device.bare]?.requestsLeft -= 1
    return true
  }

  /// A device has not answered: it is asked again with its next presence.
  mutating func fail(_ device: JID) {
    waits[device.bare]?.asked.remove(device)
  }

  /// Takes what a device says that it can do; nothing if it has not answered.
  mutating func receive(_ features: Set<String>, of device: JID, now: NIODeadline) {
    // A call rings by XEP-0353, and on a device that does not know it nobody would hear of it.
    guard features.isSuperset(of: [Namespace.jingleMessage, Namespace.rtpVideo]), devices.contains(device),
      let wait = waits[device.bare]
    else { return }
    waits[device.bare]?.able.insert(device)
    waits[device.bare]?.callTime = wait.callTime ?? now + Self.pause
  }

  /// A call with the person has begun, by whomever: the welcome is over.
  mutating func callBegan(with person: JID) {
    waits[person.bare] = nil
    if called.count < Roster.limit { called.insert(person.bare) }
  }

  var deadline: NIODeadline? { waits.values.map { $0.callTime ?? $0.end }.min() }

  /// - Returns: the people to be called now, each once for good.
  mutating func handleTimeout(now: NIODeadline) -> [JID] {
    let due = waits.filter { entry in entry.value.callTime.map { $0 <= now } ?? false }.map(\.key)
    due.forEach { callBegan(with: $0) }
    waits = waits.filter { $0.value.callTime != nil || $0.value.end > now }
    return due
  }
}
