/// A media type that a content carries, of those in use here (RFC 8866 section 5.14).
package enum MediaKind: String, Hashable, Sendable {
  case audio
  case video
}
