import Network

/// Why there is no stream to the user's server: one line that names the cause and the cure.
package struct XMPPClientError: Error, Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// A file that the user named cannot be read.
    case unreadableFile
    /// No server answers, or it went away.
    case unreachable
    /// The server says to come again later.
    case temporary
    /// The server is not to be trusted, or does not speak what it must.
    case protocolViolation
    /// The server knows the user, or not, but does not let them in.
    case credentials
    /// The account or the server's address cannot be right.
    case configuration
    /// The server does not create the account, or not without a person's help.
    case registration
    /// Whoever waited for the stream wants it no longer.
    case cancelled
  }

  /// What asks for something else than another try in a while.
  enum Circumstance: Hashable, Sendable {
    /// The server sends us to another host.
    case redirected(Redirection)
    /// Another client took the resource that was bound.
    case conflict
    /// The address of this host that the connection came from is gone.
    case addressLost
    /// The server does not know the domain, or not by this spelling.
    case hostUnknown
    /// The account that was to be created is somebody's.
    case nameTaken
  }

  /// What the server sent that nobody could read, where that ended the stream.
  struct Unreadable: Hashable, Sendable {
    /// The sender as the stanza named it; nil where it named none, or where it was no stanza.
    var sender: String?
  }

  package var kind: Kind
  /// Without what must not reach a terminal, as is the cure.
  package let cause: String
  package let cure: String?
  var unreadable: Unreadable?
  /// Whether the account was created, before what went wrong.
  package internal(set) var hasRegistered = false
  /// Whether nobody knows if the account was created: the server was asked to, and its answer was lost.
  package internal(set) var isRegistrationUnanswered = false
  let circumstance: Circumstance?

  package var description: String { [cause, cure].compactMap { $0 }.joined(separator: ": ") }

  init(_ kind: Kind, _ cause: String, cure: String? = nil, _ circumstance: Circumstance? = nil) {
    self.kind = kind
    self.cause = PrintableText.from(cause)
    self.cure = cure.map { PrintableText.from($0) }
    self.circumstance = circumstance
  }

  /// Whether the account that was to be created is somebody's already.
  package var isNameTaken: Bool { circumstance == .nameTaken }

  /// Whether there is an account now, or may be one, which is not to be created again.
  var mayHaveRegistered: Bool { hasRegistered || isRegistrationUnanswered }

  /// True where another server of the same domain may do better.
  var isWorthAnotherTarget: Bool {
    guard !mayHaveRegistered else { return false }
    return switch kind {
    case .unreachable, .protocolViolation, .temporary, .configuration: true
    case .unreadableFile, .credentials, .cancelled, .registration: false
    }
  }

  /// True where it may pass by itself.
  var isPassing: Bool { kind == .unreachable || kind == .temporary }
}

extension XMPPClientError: CustomStringConvertible {}
