import Diagnosis

/// Whom `jinglecam setup` asks and tells.
package protocol SetupOutput: Sendable {
  /// What the terminal can show; nil: there is none.
  var style: TerminalStyle? { get }
  /// Asks a question; nil: nobody will answer any more.
  func ask(_ question: SetupQuestion) async -> String?
  /// Shows a line, and returns when the person presses Enter or the task is cancelled.
  func waitForEnter(_ prompt: String) async
  /// Lines for people only.
  func show(_ lines: [String])
  func report(_ step: SetupStep)
  func report(_ finding: DoctorFinding)
}
