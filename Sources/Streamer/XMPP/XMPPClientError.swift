/// Why there is no stream to the user's server: one line that names the cause and the cure.
package struct XMPPClientError: Error, Hashable, Sendable {
  /// What kind of failure it is, with its exit code of sysexits.
  package enum Kind: Int32, Hashable, Sendable {
    /// EX_NOINPUT: a file that the user named cannot be read.
    case unreadableFile = 66
    /// EX_UNAVAILABLE: no server answers, or it went away.
    case unreachable = 69
    /// EX_TEMPFAIL: the server says to come again later.
    case temporary = 75
    /// EX_PROTOCOL: the server is not to be trusted, or does not speak what it must.
    case protocolViolation = 76
    /// EX_NOPERM: the server knows the user, or not, but does not let them in.
    case credentials = 77
    /// EX_CONFIG: the account or the server's address cannot be right.
    case configuration = 78
  }

  /// What the server sent that nobody could read, where that ended the stream.
  struct Unreadable: Hashable, Sendable {
    /// As the stanza said; nil where it did not, or it was none.
    var sender: String?
  }

  package var kind: Kind
  /// Cause and cure, without what must not reach a terminal.
  package let description: String
  var unreadable: Unreadable?

  package var exitCode: Int32 { kind.rawValue }

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = PrintableText.from(description)
  }

  /// True where another server of the same domain may do better.
  var isWorthAnotherTarget: Bool {
    kind == .unreachable || kind == .protocolViolation || kind == .temporary
  }
}

extension XMPPClientError: CustomStringConvertible {}
