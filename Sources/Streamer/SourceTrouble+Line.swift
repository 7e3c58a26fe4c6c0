import Capture

extension SourceTrouble? {
  /// A line for people; `nil` is the end of the trouble.
  package var line: String { self?.description ?? "there are pictures again" }
}

extension MicrophoneError? {
  /// A line for people; `nil` is the end of the trouble.
  package var line: String { self?.description ?? "there is sound again" }
}
