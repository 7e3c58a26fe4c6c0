import Capture
import Sound

/// Opens the sound that goes with the pictures. Everything that can be wrong with it is thrown here, or told.
enum SoundFactory {
  /// - Parameters:
  ///   - source: that of the pictures.
  ///   - control: says when the pictures end.
  ///   - onRemark: called with why a sound that nobody has asked for is not heard.
  /// - Returns: nil where there is no sound.
  static func open(
    _ configuration: VideoConfiguration, beside source: any VideoSource, until control: EncoderControl,
    onRemark: ((String) -> Void)?
  ) throws(StudioError) -> (any SoundPump)? {
    switch configuration.sound {
    case .none: return nil
    case .file(let track):
      guard let clock = source.mediumClock else {
        guard let track else { return nil }
        throw .source(.noSuchTrack(path: configuration.source, track: track, count: 0))
      }
      do throws(StudioError) {
        return try FileSoundPump(configuration.source, track: track, by: clock)
      } catch {
        guard track == nil else { throw error }
        onRemark?("the picture is sent without its sound: \(error)")
        return nil
      }
    case .microphone(let name):
      do throws(MicrophoneError) {
        let microphone =
          if let name { try MicrophoneSource(name) } else {
            try MicrophoneFinder.openFirst(besides: source.cameraPath)
          }
        return MicrophonePump(microphone, until: control)
      } catch {
        throw .microphone(error)
      }
    }
  }
}
