import Capture
import Studio

extension CommandError {
  /// The line for the user is the error's own.
  package init(_ error: CaptureError) {
    let status: ExitStatus =
      switch error {
      case .noSuchFile, .noSuchCamera, .noCamera: .noInput
      case .notVideo, .unsupported, .encrypted, .notCamera, .rawSensor, .invalidInput: .dataError
      case .invalidPattern, .invalidControl: .usage
      case .missingLibrary, .noBusBandwidth, .noSignal, .cameraFailed: .unavailable
      case .cameraBusy: .temporaryFailure
      case .cameraForbidden: .noPermission
      }
    self.init(error.description, status)
  }

  init(_ error: StudioError) {
    switch error {
    case .source(let error): self.init(error)
    case .encoder(.encoderUnavailable): self.init("\(error)", .dataError)
    case .encoder(.encodingFailed): self.init("\(error)", .software)
    case .noPicture: self.init("\(error)", .unavailable)
    }
  }
}
