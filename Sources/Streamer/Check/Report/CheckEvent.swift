/// One step of `jinglecam check`: a line for people, and an object for programs, whose fields README tells.
protocol CheckEvent: Encodable, Sendable {
  /// In JSON, and at the beginning of the line.
  static var type: String { get }
  /// Seconds that the step took.
  var time: Double { get }
  /// The same for people.
  var timeText: String { get }
  var text: String { get }
}

extension CheckEvent {
  var timeText: String { CheckText.time(time) }
}
