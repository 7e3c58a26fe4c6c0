/// Where the sound comes from that goes with the pictures.
package enum SoundConfiguration: Equatable, Sendable {
  case none
  /// The file that has the pictures; `track` is the number of the sound track, from 1 on, or nil for the file's first choice.
  case file(track: Int?)
  /// A sound card by its identifier or number; nil for the camera's own, or else the first that records.
  case microphone(String?)

  package var isMicrophone: Bool { if case .microphone = self { true } else { false } }
  var isOfFile: Bool { if case .file = self { true } else { false } }
}
