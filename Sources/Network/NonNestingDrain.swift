/// Lets what is drained ask for more without being drained from within.
struct NonNestingDrain {
  private var isRunning = false
  private var isWanted = false

  /// False: a drain is under way, and will go on until what is new is drained as well.
  mutating func begin() -> Bool {
    guard !isRunning else {
      isWanted = true
      return false
    }
    isRunning = true
    return true
  }

  /// False: all is drained, and the drain is over.
  mutating func goesOn() -> Bool {
    defer { isWanted = false }
    isRunning = isWanted
    return isWanted
  }
}
