import CQREncode

/// A QR code (ISO/IEC 18004) as a terminal shows it.
package struct QRCode: Equatable, Sendable {
  /// The modules on a side.
  let width: Int
  /// Whether a module is dark, row by row.
  private let modules: [Bool]

  /// The light margin, in modules (ISO/IEC 18004 section 5.3.8).
  private static let quietZone = 4

  /// - Returns: nil if the text is empty or too long for a code that a terminal could show.
  package init?(_ text: String) {
    guard text.utf8.count <= 500, !text.utf8.contains(0),
      let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M)
    else { return nil }
    defer { QRcode_free(code) }
    let width = Int(code.pointee.width)
    guard width > 0, let data = code.pointee.data else { return nil }
    self.width = width
    modules = (0..<width * width).map { data[$0] & 1 == 1 }
  }

  /// The columns that it takes.
  package var columns: Int { width + 2 * Self.quietZone }

  private func isDark(_ row: Int, _ column: Int) -> Bool {
    let (row, column) = (row - Self.quietZone, column - Self.quietZone)
    guard (0..<width).contains(row), (0..<width).contains(column) else { return false }
    return modules[row * width + column]
  }

  /// The lines to print, of half blocks. With colours it is black on white, whatever the terminal's own are. Without
  /// them the light modules are drawn, as fits a dark terminal; scanners read the opposite as well.
  package func lines(_ colours: TerminalStyle.Colours) -> [String] {
    stride(from: 0, to: columns, by: 2).map { row in
      let cells = (0..<columns).map { column -> Character in
        switch (isDark(row, column), row + 1 < columns && isDark(row + 1, column)) {
        case (false, false): "\u{2588}"
        case (false, true): "\u{2580}"
        case (true, false): "\u{2584}"
        case (true, true): " "
        }
      }
      // 16 and 231 are black and white, which no theme changes.
      return colours == .none ? String(cells) : "\u{1b}[38;5;231;48;5;16m\(String(cells))\u{1b}[0m"
    }
  }
}
