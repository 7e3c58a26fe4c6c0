/// What a terminal can show.
package struct TerminalStyle: Equatable, Sendable {
  package enum Colours: Sendable {
    /// None, or none are wanted (https://no-color.org).
    case none
    /// The 256 of xterm.
    case palette
    /// 24 bits.
    case direct
  }

  package var colours: Colours
  package var columns: Int

  package init(colours: Colours, columns: Int) {
    self.colours = colours
    self.columns = columns
  }

  /// - Parameter environment: the variables of the process.
  package init(environment: (String) -> String?, columns: Int) {
    self.columns = columns
    let term = environment("TERM") ?? ""
    if environment("NO_COLOR")?.isEmpty == false || term.isEmpty || term == "dumb" {
      colours = .none
    } else {
      colours = ["truecolor", "24bit"].contains(environment("COLORTERM")) ? .direct : .palette
    }
  }
}
