import ArgumentParser
import Settings

/// Which sound goes with the picture.
struct SoundOptions: ParsableArguments {
  @Flag(help: "Send the picture of a file without its sound.")
  var noAudio = false

  @Option(
    help: ArgumentHelp("The sound track of a file, from 1 (default: the file's first choice).", valueName: "number"))
  var audioTrack: String?

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

  @Option(
    help: ArgumentHelp(
      """
      Play what viewers say on this sound card, by its identifier or number, or auto: the first that plays \
      (default: nothing is played).
      """, valueName: "card"))
  var speaker: String?

  @Flag(help: "Do not play a chime before a viewer is heard.")
  var noChime = false

  /// What the command line says; what it does not say is left to the file.
  var settings: [ServeSettings.Key: Setting] {
    let texts: [ServeSettings.Key: String?] = [
      .microphone: microphone, .audioTrack: audioTrack, .audioBitrate: audioBitrate,
      .noAudio: noAudio ? "true" : nil, .speaker: speaker, .noChime: noChime ? "true" : nil,
    ]
    return texts.compactMapValues { $0.map { Setting($0) } }
  }
}
