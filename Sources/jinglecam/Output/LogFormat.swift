/// What a line of the log is.
enum LogFormat: Sendable {
  /// For people, on standard error.
  case text
  /// One JSON object, on standard output.
  case json
}
