import ArgumentParser
import Settings
import Studio

/// Which sound goes with the picture.
struct SoundOptions: ParsableArguments {
  @Flag(help: "Send the picture of a file without its sound.")
  var noAudio = false

  @Option(
    help: ArgumentHelp("The sound track of a file, from 1 (default: the file's first choice).", valueName: "number"))
  var audioTrack: Int?

  @Option(
    help: ArgumentHelp(
      """
      Send the sound of this microphone, a card as jinglecam devices lists them, or auto: the camera's own, or else \
      the first that records.
      """, valueName: "card"))
  var microphone: String?

  @Option(
    help: ArgumentHelp(
      "The bitrate of the sound, for example 24k (default: 32k for a microphone, 64k for a file).",
      valueName: "bits/s"))
  var audioBitrate: String?

  func configuration() throws(SettingError) -> SoundConfiguration {
    try SoundConfiguration(microphone: microphone, audioTrack: audioTrack, isOff: noAudio)
  }

  /// In bits per second; nil for one that fits the source.
  func bitrate() throws(SettingError) -> Int? {
    guard let audioBitrate else { return nil }
    return try Bitrate.parse(sound: audioBitrate)
  }
}
