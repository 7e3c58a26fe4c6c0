import NIOCore

/// A client's stream from its header to its end (RFC 6120 section 4): STARTTLS, which is required unless the connection
/// began with TLS (XEP-0368), SASL, resource binding, and then stanzas. An account that does not exist yet can be created
/// before SASL (XEP-0077).
///
/// Each method returns what the driver has to do. No secret is sent before ``secured(by:)``.
package struct ClientStream: ~Copyable {
  package struct Configuration: Sendable {
    /// The account, which has a localpart.
    package var jid: JID
    package var password: String
    /// The resource to request; nil lets the server choose.
    package var resource: String?
    /// Whether the account has logged in by SCRAM before. If so, the password is not sent to a server that offers only
    /// PLAIN.
    package var hadSCRAM = false
    /// Whether the stream shall be resumable, if the server supports that (XEP-0198).
    package var isResumable = false
    /// The stream to resume; if the server cannot, a resource is bound anew.
    package var resumption: Resumption?
    /// If it is not nil, the account is created before it logs in.
    package var registration: Registration?

    package struct Registration: Hashable, Sendable {
      /// The token of an invitation (XEP-0445); nil if the server creates accounts for everybody.
      package var token: String?

      package init(token: String?) {
        self.token = token
      }
    }

    package init(jid: JID, password: String, resource: String?) {
      self.jid = jid
      self.password = password
      self.resource = resource
    }
  }

  package struct Session: Hashable, Sendable {
    /// The full JID that the server bound.
    package var jid: JID
    /// The last stream features, which tell what else the server supports on this stream.
    package var features: XMLElement
    /// Whether the login was by SCRAM.
    package var hadSCRAM = false
    /// Whether the former stream was resumed, so that its roster and presence are still valid.
    package var isResumed = false
    /// The stanzas of a former stream that could not be resumed, which its server may not have received.
    package var lost: [XMLElement] = []
  }

  package enum Action: Equatable {
    case wait
    case send(ByteBuffer)
    /// Drop what the parser still holds, start the TLS handshake, then call ``secured(by:)``.
    case startTLS
    /// Restart the parser, then send the bytes.
    case restart(ByteBuffer)
    /// Run the derivation off the event loop and pass its result to ``derived(_:)``.
    case derive(SCRAMKeyDerivation)
    /// The stream is established; send the bytes if there are any.
    case established(Session, ByteBuffer?)
    case stanza(XMLElement)
    /// The stream has ended properly; send the bytes if there are any, then close the connection.
    case close(ByteBuffer?)
    /// The stream has failed; send the bytes, then close the connection.
    case fail(ClientStreamError, ByteBuffer)
  }

  enum Stage { case plain, encrypted, authenticated }

  enum State {
    case idle
    case awaitingHeader(Stage)
    case awaitingFeatures(Stage)
    case awaitingProceed
    case handshaking
    case registering(RegistrationStep, features: XMLElement)
    case awaitingPlain
    case authenticating(SCRAMClient)
    case deriving(SCRAMClient)
    case resuming(StreamManagement, features: XMLElement)
    /// Awaits the response to the binding of the requested resource.
    case binding(features: XMLElement, resource: String?)
    case openingSession(Session)
    case established
    case closing
    case finished
  }

  let configuration: Configuration
  let nonce: String
  private(set) var bindings: [ChannelBinding] = []
  var state = State.idle
  /// The acknowledgements, if stream management is in use. They remain available after the stream was interrupted.
  package internal(set) var management: StreamManagement?
  var lost: [XMLElement] = []
  var hadSCRAM = false
  /// Whether the server has created the account on this stream.
  package internal(set) var hasRegistered = false
  /// Whether the server was asked to create the account and has not answered yet.
  package internal(set) var awaitsRegistration = false

  package init(_ configuration: Configuration, generator: inout some RandomNumberGenerator) {
    self.configuration = configuration
    // The nonce is "a sequence of random printable ASCII characters excluding ','" (RFC 5802 section 5.1).
    nonce = Base64.encode((0..<24).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
  }

  // MARK: Input of the driver

  /// The connection is open, without TLS.
  package mutating func opened() -> Action {
    guard case .idle = take() else { return fail(.unexpected("connection")) }
    state = .awaitingHeader(.plain)
    return .send(header(from: nil))
  }

  /// TLS is established and the certificate of the server verified.
  ///
  /// - Parameter bindings: the channel bindings of the connection, the most preferred first.
  package mutating func secured(by bindings: [ChannelBinding]) -> Action {
    switch take() {
    case .idle, .handshaking:
      self.bindings = bindings
      state = .awaitingHeader(.encrypted)
      return .restart(header(from: configuration.jid.bare))
    default: return fail(.unexpected("TLS"))
    }
  }

  /// Takes the result of a key derivation; nil if it failed.
  package mutating func derived(_ keys: SCRAMKeys?) -> Action {
    guard case .deriving(var scram) = take() else { return .wait }
    do {
      let response = try scram.prove(with: keys)
      state = .authenticating(scram)
      return .send(sasl("response", response))
    } catch {
      return fail(.sasl(error))
    }
  }

  package mutating func receive(_ event: XMLStreamParser.Event) -> Action {
    switch event {
    case .opened(let header): return receiveHeader(header)
    case .stanza(let element) where element.is("error", Namespace.streams): return receiveStreamError(element)
    case .stanza(let element): return receive(element)
    case .failed(let error, let stanza): return fail(error, in: stanza)
    case .closed:
      switch take() {
      case .established: return .close(ByteBuffer(string: Self.footer))
      case .closing: return .close(nil)
      case .finished: return .wait
      default: return fail(.closedByServer)
      }
    }
  }

  /// Ends the stream properly; the end of the server's stream is still awaited.
  package mutating func close() -> Action {
    switch take() {
    case .established:
      state = .closing
      var bytes = ByteBuffer()
      // Handled stanzas are acknowledged so that they are not delivered again (XEP-0198 section 7); nothing is left to
      // resume.
      if let management { XMLWriter.write(management.answer, to: &bytes) }
      management = nil
      bytes.writeString(Self.footer)
      return .send(bytes)
    case .closing:
      state = .closing
      return .wait
    case .idle, .finished: return .close(nil)
    default: return .close(ByteBuffer(string: Self.footer))
    }
  }

  // MARK: Elements of the server

  private mutating func receiveHeader(_ header: XMLElement) -> Action {
    guard case .awaitingHeader(let stage) = take() else { return fail(.unexpected(header.name)) }
    // Without a version the server implements XMPP 0.9, which has neither TLS nor SASL (RFC 6120 section 4.7.5).
    guard header.is("stream", Namespace.streams), let version = header["version"]?.split(separator: ".").first,
      Int(version).map({ $0 >= 1 }) == true
    else { return fail(.notXMPP) }
    state = .awaitingFeatures(stage)
    return .wait
  }

  private mutating func receive(_ element: XMLElement) -> Action {
    switch take() {
    case .awaitingFeatures(let stage):
      guard element.is("features", Namespace.streams) else { return fail(.unexpected(element.name)) }
      return switch stage {
      case .plain: startTLS(element)
      case .encrypted: configuration.registration.map { register($0, element) } ?? authenticate(element)
      case .authenticated: resume(element)
      }
    case .awaitingProceed:
      guard element.is("proceed", Namespace.tls) else { return fail(.tlsRefused) }
      state = .handshaking
      return .startTLS
    case .registering(let step, let features): return register(step, features, element)
    case .awaitingPlain:
      guard element.is("success", Namespace.sasl) else { return failAuthentication(element) }
      return authenticated()
    case .authenticating(let scram): return authenticate(scram, element)
    case .resuming(let management, let features): return resumed(management, features, element)
    case .binding(let features, let resource): return bound(features, resource, element)
    case .openingSession(let session):
      guard element["id"] == Self.sessionID, element.iqType == .result || element.iqType == .error else {
        state = .openingSession(session)
        return .wait
      }
      // A server that answers with an error does not need a session, which RFC 6121 has abolished.
      return established(session)
    case .established:
      state = .established
      if element.namespace == StreamManagement.namespace { return manage(element) }
      guard element.namespace == Namespace.client else { return .wait }
      management?.handle()
      return .stanza(element)
    case .closing:
      // Stanzas that were already sent may still arrive (RFC 6120 section 4.4).
      state = .closing
      return element.namespace == Namespace.client ? .stanza(element) : .wait
    case .finished: return .wait
    case .idle, .awaitingHeader, .handshaking, .deriving: return fail(.unexpected(element.name))
    }
  }

  private mutating func receiveStreamError(_ element: XMLElement) -> Action {
    if case .finished = take() { return .wait }
    let defined = element.elements.filter { $0.namespace == Namespace.streamErrors }
    let condition = defined.lazy.compactMap { StreamErrorCondition(rawValue: $0.name) }.first
    return fail(
      .stream(
        condition ?? .undefinedCondition, text: defined.first { $0.name == "text" }?.text,
        host: defined.first { $0.name == StreamErrorCondition.seeOtherHost.rawValue }?.text))
  }

  private mutating func startTLS(_ features: XMLElement) -> Action {
    guard features.first("starttls", Namespace.tls) != nil else { return fail(.tlsNotOffered) }
    state = .awaitingProceed
    return .send(XMLWriter.bytes(of: XMLElement("starttls", namespace: Namespace.tls)))
  }

  // MARK: Common parts

  /// Returns the state and replaces it by `finished`, so that a branch that sets no state ends the stream.
  mutating func take() -> State {
    var taken = State.finished
    swap(&taken, &state)
    return taken
  }

  /// Fails with an XML error. The stanza in which it occurred counts as handled; otherwise the server would deliver it
  /// to the next stream again.
  private mutating func fail(_ error: XMLStreamError, in stanza: XMLElement?) -> Action {
    var bytes = ByteBuffer()
    if case .established = state, stanza?.namespace == Namespace.client {
      management?.handle()
      if let management { XMLWriter.write(management.answer, to: &bytes) }
    }
    return fail(.xml(error, from: stanza?["from"]), after: bytes)
  }

  /// - Parameter bytes: the bytes to send before the stream is closed.
  mutating func fail(_ error: ClientStreamError, after bytes: ByteBuffer = ByteBuffer()) -> Action {
    state = .finished
    var bytes = bytes
    if let condition = error.condition {
      var element = XMLElement("error", namespace: Namespace.streams)
      element.append(XMLElement(condition.rawValue, namespace: Namespace.streamErrors))
      if let application = error.applicationCondition { element.append(application) }
      XMLWriter.write(element, to: &bytes)
    }
    bytes.writeString(Self.footer)
    return .fail(error, bytes)
  }

  private static let footer = "</stream:stream>"

  /// Makes the stream header; `from` is given only once it cannot be overheard (RFC 6120 section 4.7.1).
  func header(from: JID?) -> ByteBuffer {
    var bytes = ByteBuffer(string: "<?xml version='1.0'?><stream:stream")
    XMLWriter.writeAttribute("xmlns", Namespace.client, to: &bytes)
    XMLWriter.writeAttribute("xmlns:stream", Namespace.streams, to: &bytes)
    XMLWriter.writeAttribute("to", configuration.jid.server.description, to: &bytes)
    if let from { XMLWriter.writeAttribute("from", from.description, to: &bytes) }
    XMLWriter.writeAttribute("version", "1.0", to: &bytes)
    bytes.writeString(">")
    return bytes
  }
}
