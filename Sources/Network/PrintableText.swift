/// Words that are not ours, such as a server's, made fit for one line of a terminal.
package enum PrintableText {
  /// Drops what moves the cursor, commands the terminal, or turns or hides the letters around it: Unicode's general
  /// categories Cc (with U+0080 to U+009F, which some terminals obey), Cf (with the bidirectional controls), Zl and Zp.
  /// Where one of them parted words, such as a line break, stands a space. No more than `limit` scalars are left.
  package static func from(_ text: some StringProtocol, limit: Int = .max) -> String {
    var printable = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < limit else { break }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        guard scalar.properties.isWhitespace else { continue }
        printable.append(" ")
      default:
        printable.append(scalar)
      }
      count += 1
    }
    return String(printable)
  }
}
