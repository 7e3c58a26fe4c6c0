import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import XMPP

/// An XMPP server on loopback that lets everybody in, or does something else at the stage of the login that a test says.
package final class ScriptedXMPPServer: Sendable {
  /// What a client waits for when it is there.
  package enum Stage: String, Sendable {
    /// The first features.
    case header
    /// The TLS handshake, of which nothing is answered.
    case handshake
    /// The features after TLS.
    case sasl
    /// The features after SASL.
    case bind
    /// Nothing any more.
    case online
    /// The same, of a stream that can be resumed.
    case resumable

    /// Those at which the client is not online yet.
    package static let ofLogin: [Stage] = [.header, .handshake, .sasl, .bind]
  }

  /// Instead of going on.
  package enum Act: Sendable {
    case silence
    /// A stream error of this content, and the end.
    case error(String)
    /// To another host, RFC 6120 section 4.9.3.19.
    package static func redirect(to host: String) -> Act {
      .error("<see-other-host xmlns='\(streams)'>\(host)</see-other-host>")
    }
    package static let conflict = Act.error("<conflict xmlns='\(streams)'/>")
    private static let streams = "urn:ietf:params:xml:ns:xmpp-streams"
  }

  package enum Event: Hashable, Sendable {
    case reached(Stage)
    /// The client wants to authenticate, by which it shows its password.
    case authenticating
    /// With this resource.
    case bound(String)
    case closed
  }

  /// What happens, in order; for one reader.
  package let events: AsyncStream<Event>
  package let port: Int
  private let listener: any Channel
  private let shared: Shared

  /// - Parameters:
  ///   - acts: done once each, in order of the connections that come to the stage.
  ///   - isResumable: whether a stream can be resumed (XEP-0198), and is.
  ///   - resumedCount: how many stanzas it claims then to have handled.
  package static func start(
    _ acts: [Stage: [Act]] = [:], certificate: TestCertificate = .good, isDirectTLS: Bool = false,
    isResumable: Bool = false, resumedCount: Int = 0, on loop: any EventLoop,
    configure: (inout TLSConfiguration) -> Void = { _ in }
  ) async throws -> ScriptedXMPPServer {
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificate.utf8)).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(certificate.key.utf8), format: .pem)))
    configure(&tls)
    let (events, continuation) = AsyncStream.makeStream(of: Event.self)
    let shared = Shared(
      acts: acts, tls: try NIOSSLContext(configuration: tls), isDirectTLS: isDirectTLS, isResumable: isResumable,
      resumedCount: resumedCount, events: continuation)
    let listener = try await ServerBootstrap(group: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if isDirectTLS { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: shared.tls)) }
          try channel.pipeline.syncOperations.addHandler(Handler(shared))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return ScriptedXMPPServer(events, listener, shared)
  }

  private init(_ events: AsyncStream<Event>, _ listener: any Channel, _ shared: Shared) {
    self.events = events
    self.listener = listener
    self.shared = shared
    port = listener.localAddress?.port ?? 0
  }

  /// Does this too, once.
  package func add(_ act: Act, at stage: Stage) {
    shared.acts.withLock { $0[stage, default: []].append(act) }
  }

  /// Reads on until this comes to pass.
  package func wait(for event: Event) async {
    for await next in events where next == event { break }
  }

  /// Whether any client ever tried to authenticate.
  package var wasTrusted: Bool { shared.wasTrusted.withLock { $0 } }

  package func stop() async throws {
    try await listener.close()
    shared.events.finish()
  }

  private final class Shared: Sendable {
    let acts: Mutex<[Stage: [Act]]>
    let tls: NIOSSLContext
    let isDirectTLS: Bool
    let isResumable: Bool
    let resumedCount: Int
    let events: AsyncStream<Event>.Continuation
    let wasTrusted = Mutex(false)

    init(
      acts: [Stage: [Act]], tls: NIOSSLContext, isDirectTLS: Bool, isResumable: Bool,
      resumedCount: Int, events: AsyncStream<Event>.Continuation
    ) {
      self.acts = Mutex(acts)
      self.tls = tls
      self.isDirectTLS = isDirectTLS
      self.isResumable = isResumable
      self.resumedCount = resumedCount
      self.events = events
    }

    func act(at stage: Stage) -> Act? {
      events.yield(.reached(stage))
      return acts.withLock { acts in
        guard acts[stage]?.isEmpty == false else { return nil }
        return acts[stage]?.removeFirst()
      }
    }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let shared: Shared
    private let parser = XMLStreamParser()
    private var stage: Stage
    private var isSilent = false

    init(_ shared: Shared) {
      self.shared = shared
      stage = shared.isDirectTLS ? .sasl : .header
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !isSilent else { return }
      parser.receive(unwrapInboundIn(data))
      while !isSilent, let event = parser.pollEvent() {
        switch event {
        case .opened: open(context)
        case .stanza(let element): receive(element, context)
        case .closed:
          send("</stream:stream>", context)
          context.close(promise: nil)
        case .failed: context.close(promise: nil)
        }
      }
    }

    func channelInactive(context: ChannelHandlerContext) {
      shared.events.yield(.closed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }

    private static let header = """
      <?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
      from='xmpp.test' id='1' version='1.0'>
      """

    private func open(_ context: ChannelHandlerContext) {
      let act = shared.act(at: stage)
      if case .silence? = act { return isSilent = true }
      send(Self.header, context)
      if let act { return perform(act, context) }
      let features =
        switch stage {
        case .header: "<starttls xmlns='\(Namespace.tls)'/>"
        case .sasl: "<mechanisms xmlns='\(Namespace.sasl)'><mechanism>PLAIN</mechanism></mechanisms>"
        default:
          "<bind xmlns='\(Namespace.bind)'/>"
            + (shared.isResumable ? "<sm xmlns='\(StreamManagement.namespace)'/>" : "")
        }
      send("<stream:features>\(features)</stream:features>", context)
    }

    private func receive(_ element: XMLElement, _ context: ChannelHandlerContext) {
      switch element.name {
      case "starttls":
        send("<proceed xmlns='\(Namespace.tls)'/>", context)
        stage = .sasl
        if case .silence? = shared.act(at: .handshake) { return isSilent = true }
        parser.restart()
        try? context.pipeline.syncOperations.addHandler(
          NIOSSLServerHandler(context: shared.tls), position: .before(self))
      case "auth":
        shared.wasTrusted.withLock { $0 = true }
        shared.events.yield(.authenticating)
        stage = .bind
        send("<success xmlns='\(Namespace.sasl)'/>", context)
        parser.restart()
      case "enable":
        send("<enabled xmlns='\(StreamManagement.namespace)' id='stream' resume='true' max='600'/>", context)
        if let act = shared.act(at: .resumable) { perform(act, context) }
      case "resume":
        send("<resumed xmlns='\(StreamManagement.namespace)' previd='stream' h='\(shared.resumedCount)'/>", context)
        shared.events.yield(.reached(.online))
      case "iq": answer(element, context)
      default: break
      }
    }

    private func answer(_ iq: XMLElement, _ context: ChannelHandlerContext) {
      guard iq.isRequest, let id = iq["id"] else { return }
      guard let bind = iq.first("bind", Namespace.bind) else {
        return send("<iq type='result' id='\(id)'/>", context)
      }
      let resource = bind.first("resource", Namespace.bind)?.text ?? "made"
      shared.events.yield(.bound(resource))
      send(
        "<iq type='result' id='\(id)'><bind xmlns='\(Namespace.bind)'><jid>lobby@xmpp.test/\(resource)</jid></bind></iq>",
        context)
      stage = .online
      if let act = shared.act(at: .online) { perform(act, context) }
    }

    private func perform(_ act: Act, _ context: ChannelHandlerContext) {
      isSilent = true
      guard case .error(let content) = act else { return }
      send("<stream:error>\(content)</stream:error></stream:stream>", context)
      context.close(promise: nil)
    }

    private func send(_ text: String, _ context: ChannelHandlerContext) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
  }
}
