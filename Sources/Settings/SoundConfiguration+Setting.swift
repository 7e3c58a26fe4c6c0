import Capture
import Studio

extension SoundConfiguration {
  /// The camera's own microphone, or else the first that records.
  private static let anyMicrophone = "auto"

  /// - Parameters:
  ///   - microphone: `auto`, or a sound card by its identifier or number; nil for the sound of the source.
  ///   - audioTrack: the number of a file's sound track; nil for the file's first choice.
  ///   - isOff: no sound of a file is wanted.
  /// - Throws: `SettingError` where a value is wrong or contradicts another one.
  package init(microphone: String?, audioTrack: Int?, isOff: Bool) throws(SettingError) {
    if microphone != nil, isOff || audioTrack != nil {
      throw SettingError(
        of: .option("microphone"), "replaces the sound of a file", cure: "leave out the other option", .usage)
    }
    if let audioTrack, audioTrack < 1 {
      throw SettingError(
        of: .option("audio-track"), "\(audioTrack) is not the number of a track", cure: "choose 1 or more", .usage)
    }
    if let microphone, microphone != Self.anyMicrophone, !SoundCardName.isValid(microphone) {
      throw SettingError(
        of: .option("microphone"), "'\(microphone)' is not a sound card",
        cure: "name a card as jinglecam devices lists them, or auto", .usage)
    }
    self =
      if let microphone {
        .microphone(microphone == Self.anyMicrophone ? nil : microphone)
      } else if isOff {
        .none
      } else {
        .file(track: audioTrack)
      }
  }
}
