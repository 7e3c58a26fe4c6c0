import Account
import Capture
import Diagnosis
import Server
import Settings
import Setup
import Streamer
import Studio

/// What the errors of the rooms mean for a program.
extension ExitStatus {
  init(_ kind: SettingError.Kind) {
    self =
      switch kind {
      case .usage: .usage
      case .configuration: .configuration
      case .noInput: .noInput
      case .cannotCreate: .cannotCreate
      }
  }

  init(_ kind: XMPPClientError.Kind) {
    self =
      switch kind {
      case .unreadableFile: .noInput
      case .unreachable, .registration: .unavailable
      case .temporary: .temporaryFailure
      case .protocolViolation: .protocolError
      case .credentials: .noPermission
      case .configuration: .configuration
      case .cancelled: .interrupted
      }
  }

  init(_ error: CaptureError) {
    self =
      switch error {
      case .noSuchFile, .noSuchCamera, .noCamera: .noInput
      case .notVideo, .unsupported, .encrypted, .notCamera, .rawSensor, .invalidInput: .dataError
      case .invalidPattern, .invalidControl, .noSuchTrack: .usage
      case .missingLibrary, .unreachable, .noBusBandwidth, .noSignal, .cameraFailed, .libcameraFailed:
        .unavailable
      case .cameraBusy: .temporaryFailure
      case .cameraForbidden: .noPermission
      }
  }

  init(_ error: MicrophoneError) {
    self =
      switch error {
      case .noMicrophone, .noSuchCard: .noInput
      case .notMicrophone: .dataError
      case .forbidden: .noPermission
      case .busy: .temporaryFailure
      case .lost, .failed: .unavailable
      }
  }

  init(_ error: SpeakerError) {
    self =
      switch error {
      case .noSpeaker, .noSuchCard: .noInput
      case .notSpeaker: .dataError
      case .forbidden: .noPermission
      case .busy: .temporaryFailure
      case .lost, .failed: .unavailable
      }
  }

  private init(_ error: StudioError) {
    self =
      switch error {
      case .source(let error): ExitStatus(error)
      case .microphone(let error): ExitStatus(error)
      case .speaker(let error): ExitStatus(error)
      case .sound: .software
      case .encoder(.encoderUnavailable): .dataError
      case .encoder(.encodingFailed): .software
      case .noPicture: .unavailable
      }
  }

  init(_ error: StreamError) {
    self =
      switch error {
      case .cancelled: .interrupted
      case .setting(let error): ExitStatus(error.kind)
      case .source(let error): ExitStatus(error)
      case .account(let error): ExitStatus(error.kind)
      case .noNetwork, .noRelay: .unavailable
      case .certificate: .software
      }
  }

  init(_ error: ServeError) {
    self =
      switch error {
      case .setting(let error): ExitStatus(error.kind)
      case .account(let error): ExitStatus(error.kind)
      case .source(let error): ExitStatus(error)
      case .metrics: .unavailable
      }
  }

  init(_ error: SetupError) {
    self =
      switch error {
      case .setting(let error): ExitStatus(error.kind)
      case .source(let error): ExitStatus(error)
      case .account(let error): ExitStatus(error.kind)
      case .service: .unavailable
      case .cancelled: .interrupted
      }
  }

  init(_ error: StatusSocket.Failure) {
    self =
      switch error {
      case .notRunning, .unusable: .unavailable
      case .forbidden: .noPermission
      case .otherVersion: .protocolError
      }
  }

  /// - Parameter cause: nil where there is no problem.
  init(_ cause: DoctorFinding.Cause?) {
    self =
      switch cause {
      case .setting(let kind)?: ExitStatus(kind)
      case .account(let kind)?: ExitStatus(kind)
      case .source(let error)?: ExitStatus(error)
      case .encoder?: .dataError
      case .permission?, .relayCredentials?: .noPermission
      case .clock?, .load?: .configuration
      case .unavailable?: .unavailable
      case nil: .success
      }
  }
}
