/// What a command comes to, in JSON: the keys of `body`, and beside them the exit status that goes with it.
struct FinalReport<Body: Encodable>: Encodable {
  let body: Body
  let status: ExitStatus

  private enum CodingKeys: String, CodingKey { case status }

  func encode(to encoder: any Encoder) throws {
    try body.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(status.rawValue, forKey: .status)
  }
}
