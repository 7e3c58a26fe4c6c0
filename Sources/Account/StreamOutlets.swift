import Logging
import NIOCore
import XMPP

/// What a stream tells the client that reads it: that it is established, its stanzas, and once that it has ended.
struct StreamOutlets {
  private let stanzas: AsyncStream<XMLElement>.Continuation
  private let established: EventLoopPromise<ClientStream.Session>
  private let ended: EventLoopPromise<XMPPClientError?>
  /// For lines that others can cause.
  private var log: BoundedLog
  private(set) var hasEnded = false

  init(
    stanzas: AsyncStream<XMLElement>.Continuation, established: EventLoopPromise<ClientStream.Session>,
    ended: EventLoopPromise<XMPPClientError?>, logger: Logger
  ) {
    self.stanzas = stanzas
    self.established = established
    self.ended = ended
    log = BoundedLog(logger: logger)
  }

  func succeed(_ session: ClientStream.Session) {
    established.succeed(session)
  }

  /// Hands a stanza on. Where too many wait to be handled it is dropped, and the reply is returned that it is worth.
  mutating func deliver(_ stanza: XMLElement) -> XMLElement? {
    guard case .dropped(let dropped) = stanzas.yield(stanza) else { return nil }
    log.write(.warning, "stanza dropped: too many wait to be handled", now: .now())
    // Another error would tell a stranger that there is somebody who has too much to do.
    return dropped.unavailableReply
  }

  /// The first end counts; false: there was one.
  mutating func end() -> Bool {
    defer { hasEnded = true }
    return !hasEnded
  }

  /// Tells of the end; the error is nil where the end was asked for.
  ///
  /// - Parameter domain: the server's, to whoever still waits for the stream.
  func tellEnd(_ error: XMPPClientError?, domain: String) {
    established.fail(error ?? .disconnected(domain, "closed"))
    stanzas.finish()
    ended.succeed(error)
  }
}
