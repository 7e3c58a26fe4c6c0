import Capture

/// Opens the sound that goes with the pictures. Everything that can be wrong with it is thrown here, or told.
package enum SoundFactory {
  /// - Parameters:
  ///   - source: that of the pictures.
  ///   - echo: what a loudspeaker plays beside the microphone; nil if there is none.
  ///   - control: says when the pictures end.
  ///   - onRemark: called with why a sound that nobody has asked for is not heard.
  ///   - onTrouble: called on the sound thread with the reason why the microphone has no sound, and with `nil` when it
  ///     has sound again.
  /// - Returns: nil where there is no sound.
  static func open(
    _ configuration: VideoConfiguration, beside source: any VideoSource, without echo: EchoPath?,
    until control: SoundControl,
    onRemark: (String) -> Void, onTrouble: @escaping (MicrophoneError?) -> Void
  ) throws(StudioError) -> (any SoundPump)? {
    switch configuration.sound {
    case .none: return nil
    case .file(let track):
      guard let clock = source.mediumClock else {
        guard let track else { return nil }
        throw .source(.noSuchTrack(path: configuration.source, track: track, count: 0))
      }
      do throws(StudioError) {
        return try FileSoundPump(
          configuration.source, track: track, by: clock, bitrate: configuration.soundBitrate, control)
      } catch {
        guard track == nil else { throw error }
        onRemark("the picture is sent without its sound: \(error)")
        return nil
      }
    case .microphone(let name):
      let camera = source.cameraPath
      do throws(MicrophoneError) {
        // It is closed at once: what is wrong with it is said now, and nobody is listened to before a call.
        _ = try openMicrophone(name, besides: camera)
      } catch {
        throw .microphone(error)
      }
      return MicrophonePump(
        bitrate: configuration.soundBitrate, without: echo, until: control, onTrouble: onTrouble
      ) { () throws(MicrophoneError) in try openMicrophone(name, besides: camera)
      }
    }
  }

  /// - Parameters:
  ///   - name: nil for the camera's own, or else the first that records.
  ///   - camera: the path of the camera's node; nil if there is no camera.
  package static func openMicrophone(
    _ name: String?, besides camera: String?
  ) throws(MicrophoneError) -> MicrophoneSource {
    guard let name else { return try MicrophoneFinder.openFirst(besides: camera) }
    return try MicrophoneSource(name)
  }
}
