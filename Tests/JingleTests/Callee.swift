import Jingle
import NIOCore
import XMPP

/// The called side of a test: ann@example.net/phone calls cam@example.org/pi, session s1, in virtual time.
final class Callee: CallSide {
  static let phone = Caller.phone

  var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
  var call: IncomingCall
  var requestCount = 0

  init(_ opening: XMLElement) throws {
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    guard let call = IncomingCall(opening: opening, local: try JID(Caller.local), now: start) else {
      throw Fixture.Failure()
    }
    self.call = call
  }

  // MARK: States to begin in; what was sent and told up to there is taken away

  static func proposed() throws -> Callee {
    let callee = try Callee(try propose())
    callee.discard()
    return callee
  }

  static func proceeded() throws -> Callee {
    let callee = try proposed()
    callee.call.answer(now: callee.now)
    callee.discard()
    return callee
  }

  static func offered(_ change: (inout Jingle) -> Void = { _ in }) throws -> Callee {
    let callee = try proceeded()
    callee.receive(try offer(change))
    callee.discard()
    return callee
  }

  static func answered() throws -> Callee {
    let callee = try offered()
    let answer = try Fixture.jingle("session-accept-audio-video")
    callee.call.accept(contents: answer.contents, group: answer.groups.first, now: callee.now)
    callee.receive(Caller.result(id: "s1-1"))
    callee.discard()
    return callee
  }

  // MARK: Stanzas

  static func propose(_ media: [Media] = [.audio, .video], from: String = phone) throws -> XMLElement {
    try Caller.message(.propose(media), from: from).with("to", "cam@example.org")
  }

  /// As libwebrtc's clients offer: audio first, one bundle.
  static func offer(
    id: String = "offer", from: String = phone, _ change: (inout Jingle) -> Void = { _ in }
  ) throws -> XMLElement {
    var jingle = try Fixture.jingle("session-initiate-audio-video")
    jingle.initiator = try JID(from)
    jingle.contents.reverse()
    jingle.contents[0].name = "0"
    jingle.contents[1].name = "1"
    jingle.groups = [ContentGroup(contents: ["0", "1"])]
    for index in jingle.contents.indices { jingle.contents[index].senders = .both }
    change(&jingle)
    return Caller.iq(jingle.element, id: id, from: from)
  }
}
