/// What ended a command, in JSON.
struct ErrorReport: Encodable {
  let text: String
  /// The exit status that goes with it.
  let status: Int32

  init(_ error: CommandError) {
    text = error.description
    status = error.status.rawValue
  }
}
