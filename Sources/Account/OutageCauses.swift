/// Why there is no connection, as far as it was told: attempts are many, causes few, and a log is for reading.
struct OutageCauses: Sendable {
  /// A server may make up a new one each time.
  private static let limit = 16

  private var told: Set<String> = []

  /// Whether it is worth a line.
  mutating func isNew(_ cause: String) -> Bool {
    told.count < Self.limit && told.insert(cause).inserted
  }

  /// It is over.
  mutating func end() { told = [] }
}
