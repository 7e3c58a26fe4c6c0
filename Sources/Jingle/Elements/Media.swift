/// The `media` attribute of XEP-0167 section 5: any of RFC 4566's media types, of which calls use two.
package struct Media: RawRepresentable, Hashable, Sendable {
  package static let audio = Media(rawValue: "audio")
  package static let video = Media(rawValue: "video")

  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }
}
