/// The `media` attribute (XEP-0167 section 5), which may be any media type of RFC 4566; calls use two of them.
package struct Media: RawRepresentable, Hashable, Sendable {
  package static let audio = Media(rawValue: "audio")
  package static let video = Media(rawValue: "video")

  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }
}
