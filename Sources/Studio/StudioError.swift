import Capture
import Sound
import Video

/// Why there is no picture, or not the sound that was asked for.
package enum StudioError: Error, Equatable, CustomStringConvertible {
  case source(CaptureError)
  /// The encoder does not take what the source gives.
  case encoder(VideoError)
  case microphone(MicrophoneError)
  case speaker(SpeakerError)
  /// The sound cannot be encoded.
  case sound(SoundError)
  /// The source was opened and gave no picture in time.
  case noPicture

  package var description: String {
    switch self {
    case .source(let error): error.description
    case .encoder(let error): "the video cannot be encoded: \(error)"
    case .microphone(let error): error.description
    case .speaker(let error): error.description
    case .sound(let error): "the sound cannot be encoded: \(error)"
    case .noPicture: "the camera delivers no frames"
    }
  }

  /// What a source or an encoder throws in the middle of its work.
  init(_ error: any Error) {
    switch error {
    case let error as StudioError: self = error
    case let error as CaptureError: self = .source(error)
    case let error as VideoError: self = .encoder(error)
    default: self = .encoder(.encodingFailed("\(error)"))
    }
  }
}
