import ICE
import NIOCore
import TestSupport
import Testing

@Suite("An hour of virtual time: the traffic the RFCs ask for, and no more")
struct HourTests {
  /// STUN messages of one host in the hour, by class and method.
  private struct Traffic {
    var requests: [STUNMethod: Int] = [:]
    var responses: [STUNMethod: Int] = [:]
    var indications: [STUNMethod: Int] = [:]
    var channelData = 0
    var other = 0

    mutating func count(_ payload: ByteBuffer) {
      guard let message = try? STUNMessage(parsing: payload) else {
        let first = payload.getInteger(at: payload.readerIndex, as: UInt8.self) ?? 0
        if (64...79).contains(first) { channelData += 1 } else { other += 1 }
        return
      }
      switch message.messageClass {
      case .request: requests[message.method, default: 0] += 1
      case .success, .error: responses[message.method, default: 0] += 1
      case .indication: indications[message.method, default: 0] += 1
      }
    }
  }

  /// Both sides' traffic in the hour that follows the first minute of a call.
  private static func hour(of call: ICECall) -> (caller: Traffic, callee: Traffic) {
    call.start()
    #expect(call.connects())
    call.network.run(for: .minutes(1))
    var traffic = (caller: Traffic(), callee: Traffic())
    let callers = Set(["198.51.100.1", "10.0.0.1"])
    call.network.isBlocked = { packet in
      if callers.contains(packet.source.ipAddress ?? "") {
        traffic.caller.count(packet.payload)
      } else {
        traffic.callee.count(packet.payload)
      }
      return false
    }
    call.network.run(for: .hours(1))
    call.network.isBlocked = { _ in false }
    #expect(call.caller.transport.state == .completed && call.callee.transport.state == .completed)
    #expect(call.carriesData())
    return traffic
  }

  /// "a default interval of 5 seconds … between 0.8 and 1.2" (RFC 7675 section 5.1): 600 to 900 an hour; 720 in the mean,
  /// from which a sum of 720 draws is not 20 away in a hundred thousand hours.
  private static let consent = 700...740

  @Test("in an hour on a direct path only a consent check every 5 s and its response are sent", arguments: 1...3)
  func direct(seed: Int) {
    let call = ICECall(seed: UInt64(seed))
    let traffic = Self.hour(of: call)
    for (side, peer) in [(traffic.caller, traffic.callee), (traffic.callee, traffic.caller)] {
      #expect(Self.consent.contains(side.requests[.binding] ?? 0))
      #expect(abs((side.responses[.binding] ?? 0) - (peer.requests[.binding] ?? 0)) <= 1)
      #expect(side.requests.keys.elementsEqual([.binding]) && side.indications.isEmpty)
      #expect(side.channelData == 0 && side.other == 0)
    }
  }

  @Test("an hour on a relayed path adds a Refresh every 9 minutes and a ChannelBind every 230 s", arguments: 1...3)
  func relayed(seed: Int) {
    let call = ICECall(caller: .init(addresses: ["198.51.100.1"], policy: .relay), seed: UInt64(seed))
    let traffic = Self.hour(of: call)
    // 3,600 s / 540 s, and / 230 s (RFC 8656 sections 3.2, 9 and 12): a minute's margin, and before some servers' 240 s.
    #expect(traffic.caller.requests[.refresh].map((6...7).contains) == true)
    #expect(traffic.caller.requests[.channelBind].map((15...16).contains) == true)
    // A nonce lasts for an hour here: one 438 at most, whose request goes out again.
    #expect(traffic.caller.requests.values.reduce(0, +) <= 7 + 16 + 1)
    #expect(Set(traffic.caller.requests.keys) == [.refresh, .channelBind])
    #expect(traffic.caller.indications.isEmpty && traffic.caller.other == 0)
    // Checks and answers, in ChannelData.
    let answers = traffic.callee.requests[.binding] ?? 0
    #expect(Self.consent.contains(traffic.caller.channelData - answers))
    #expect(Self.consent.contains(answers))
    #expect(traffic.callee.indications.isEmpty)
  }

  @Test("an hour behind NATs with mappings of 30 s needs no further traffic")
  func behindNATs() {
    let call = ICECall(
      caller: .init(nat: .portRestricted, addresses: ["10.0.0.1"]),
      callee: .init(nat: .addressRestricted, addresses: ["10.0.1.1"]))
    let traffic = Self.hour(of: call)
    #expect(Self.consent.contains(traffic.caller.requests[.binding] ?? 0))
    #expect(Self.consent.contains(traffic.callee.requests[.binding] ?? 0))
    #expect(traffic.caller.indications.isEmpty && traffic.callee.indications.isEmpty)
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
  }
}
