/// What a content carries (RFC 8866 section 5.14, the media types we know).
package enum MediaKind: String, Hashable, Sendable {
  case audio
  case video
}
