/// A value as a person wrote it, on the command line or in a file.
package struct Setting: Hashable, Sendable {
  package var text: String
  /// `FILE:LINE`; nil on the command line.
  package var place: String?

  package init(_ text: String, place: String? = nil) {
    self.text = text
    self.place = place
  }

  /// What is wrong with the value is told with its place.
  func parse<Value>(_ parser: (String) throws(SettingError) -> Value) throws(SettingError) -> Value {
    do throws(SettingError) {
      return try parser(text)
    } catch {
      throw place.map { error.at($0) } ?? error
    }
  }
}
