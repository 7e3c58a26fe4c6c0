import Capture

extension SourceTrouble? {
  /// A line for people; `nil` is the end of the trouble.
  package var line: String { self?.description ?? "the video is back" }
}

extension MicrophoneError? {
  /// A line for people; `nil` is the end of the trouble.
  package var line: String { self?.description ?? "the sound is back" }
}
