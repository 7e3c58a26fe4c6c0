import NIOCore
import Network
import TestSupport

@testable import Account
@testable import XMPP

/// What a server says to user@example.org, an account that there is or one that is to be created, and what the stream and
/// the session make of it.
struct StreamScene: ~Copyable {
  private let parser = XMLStreamParser()
  private var stream: ClientStream
  private var session: ClientSession?
  private var generator = SeededGenerator(seed: 1)
  private var now = NIODeadline.fuzzStart
  private var hasEnded = false
  private var isSecured = false

  private let jid: JID

  /// - Parameter registration: if it is not nil, the account is to be created.
  init(registration: ClientStream.Configuration.Registration? = nil) {
    guard let jid = try? JID("user@example.org") else { fatalError() }
    self.jid = jid
    var configuration = ClientStream.Configuration(jid: jid, password: "pencil", resource: "pi")
    configuration.registration = registration
    configuration.isResumable = true
    stream = ClientStream(configuration, generator: &generator)
    perform(stream.opened())
  }

  mutating func receive(_ bytes: ByteBuffer) {
    guard !hasEnded else { return }
    now = now + .seconds(20)
    session?.heard(now: now)
    parser.receive(bytes)
    while !hasEnded, let event = parser.pollEvent() { perform(stream.receive(event)) }
    session?.handleTimeout(now: now)
    flush()
  }

  mutating func end() {
    guard !hasEnded else { return }
    perform(stream.close())
  }

  private mutating func perform(_ action: ClientStream.Action) {
    switch action {
    case .wait: break
    case .send(let bytes): check(bytes)
    case .startTLS:
      parser.restart()
      isSecured = true
      perform(stream.secured(by: [.serverEndPoint([1])]))
    case .restart(let bytes):
      check(bytes)
      parser.restart()
    case .derive: perform(stream.derived(SCRAMKeys(client: [1], server: [2])))
    case .established(let established, _):
      let configuration = ClientSession.Configuration(
        name: "cam", version: "1", node: "urn:cam", type: "bot", features: [])
      session = ClientSession(jid: established.jid, configuration, generator: &generator, now: now)
      session?.start(now: now)
    case .stanza(let stanza): session?.receive(stanza, now: now)
    case .close: hasEnded = true
    case .fail(let error, _):
      hasEnded = true
      tell(error)
    }
    flush()
  }

  /// A person reads it in one line, whatever the server has said.
  private func tell(_ error: ClientStreamError) {
    for text in ["\(XMPPClientError.stream(error, jid: jid))", "\(XMPPClientError.registration(error, jid: jid))"] {
      require(PrintableText.from(text) == text, "not fit for a terminal: \(text)")
      require(text.utf8.count < 4096, "\(text.utf8.count) bytes")
    }
  }

  /// RFC 6120 section 13.9.1: nothing of the account's before there is TLS.
  private func check(_ sent: ByteBuffer) {
    require(isSecured || !String(buffer: sent).contains("user"), "it was told in the clear")
  }

  private mutating func flush() {
    while let stanza = session?.pollTransmit() { _ = stanza["id"] }
    while session?.pollEvent() != nil {}
  }
}
