import ArgumentParser
import Settings
import Studio

/// Which sound goes with the picture.
struct SoundOptions: ParsableArguments {
  @Flag(help: "Send the picture of a file without its sound.")
  var noAudio = false

  @Option(help: ArgumentHelp("The sound track of a file; without it: the file's first choice.", valueName: "number"))
  var audioTrack: Int?

  @Option(
    help: ArgumentHelp(
      """
      Send the sound of this microphone, a card as jinglecam devices lists them, or auto: the camera's own, or else \
      the first that records.
      """, valueName: "card"))
  var microphone: String?

  func configuration() throws(SettingError) -> SoundConfiguration {
    try SoundConfiguration(microphone: microphone, audioTrack: audioTrack, isOff: noAudio)
  }
}
