/// Why a source provides no pictures; `description` is the line that users read.
package enum CaptureError: Error, Equatable {
  /// There is no file with this name, or it may not be read.
  case noSuchFile(path: String, reason: String)
  case notVideo(path: String, reason: String)
  /// A video that this build has no decoder for, or of an impossible size.
  case unsupported(path: String, reason: String)
  /// The film is copy-protected, and only its vendor has the key.
  case encrypted(path: String)
  /// The file has `count` sound tracks, and not this one.
  case noSuchTrack(path: String, track: Int, count: Int)
  /// A source on the network does not answer, or refuses.
  case unreachable(address: String, reason: String)
  case invalidPattern(String)
  /// FFmpeg, which plays files and decodes H.264, is not installed, or not in the version for which this program was
  /// built.
  case missingLibrary(reason: String, packages: [String])

  case noCamera
  case noSuchCamera(path: String)
  /// The device provides no pictures that can be sent.
  case notCamera(path: String, reason: String)
  /// The device is a sensor without an image processor, and `rpicam-vid`, which converts its data to pictures, is not
  /// installed.
  case rawSensor(path: String)
  /// The program that makes the pictures of a ribbon camera cannot be started, or ended.
  case libcameraFailed(program: String, reason: String)
  case cameraForbidden(path: String, group: String?)
  /// Another program uses the camera; `holder` is its name if the system tells it.
  case cameraBusy(path: String, holder: String?)
  case noBusBandwidth(path: String)
  /// A bridge has no signal at present.
  case noSignal(path: String, reason: String)
  case cameraFailed(path: String, reason: String)
  case invalidControl(String)
  /// Standard input contains no video, or video in an unknown form.
  case invalidInput(String)
}

extension CaptureError: CustomStringConvertible {
  package var description: String {
    [cause, cure].compactMap { $0 }.joined(separator: "; ")
  }

  package var cause: String {
    switch self {
    case .noSuchFile(let path, let reason): "cannot open \(NetworkAddress.shown(path)): \(reason)"
    case .notVideo(let path, let reason): "\(path) is not a video: \(reason)"
    case .unsupported(let path, let reason): "cannot play \(path): \(reason)"
    case .encrypted(let path): "cannot play \(path): it is encrypted"
    case .noSuchTrack(let path, let track, let count):
      "\(path) has \(count == 1 ? "1 sound track" : "\(count) sound tracks"), and no track \(track)"
    case .unreachable(let address, let reason): "cannot play \(address): \(reason)"
    case .invalidPattern(let reason): reason
    case .missingLibrary(let reason, _): "cannot decode video without FFmpeg (\(reason))"
    case .noCamera: "there is no camera"
    case .noSuchCamera(let path): "there is no camera at \(NetworkAddress.shown(path))"
    case .notCamera(let path, let reason): "cannot stream \(path): \(reason)"
    case .rawSensor(let path): "\(path) gives raw sensor data, and rpicam-vid, which makes pictures of it, is missing"
    case .libcameraFailed(let program, let reason): "\(program) delivers no frames: \(reason)"
    case .cameraForbidden(let path, _): "you are not allowed to open \(path)"
    case .cameraBusy(let path, let holder): "\(path) is in use by \(holder ?? "another program")"
    case .noBusBandwidth(let path): "the USB bus has no room left for \(path)"
    case .noSignal(let path, let reason): "\(path): \(reason)"
    case .cameraFailed(let path, let reason): "the camera at \(path) fails: \(reason)"
    case .invalidControl(let reason): "--control: \(reason)"
    case .invalidInput(let reason): "cannot stream standard input: \(reason)"
    }
  }

  /// What users can do; nil if the cause says it, or if there is no known remedy.
  package var cure: String? {
    switch self {
    case .invalidPattern: "a test pattern is written pattern[:WIDTHxHEIGHT@FPS]"
    case .unreachable: SourceTrouble.unreachable(reason: "").cure
    case .encrypted: "use a copy without copy protection"
    case .missingLibrary(_, let packages): "install \(packages.joined(separator: " "))"
    case .noCamera: "plug one in, and run jinglecam devices"
    case .noSuchCamera: "run jinglecam devices for a list"
    case .rawSensor: "install it: sudo apt install rpicam-apps"
    case .libcameraFailed: SourceTrouble.programFailed(program: "", reason: "").cure
    case .cameraForbidden(_, let group?): "join its group (sudo usermod -aG \(group) $USER) and log in again"
    case .cameraBusy: "end that program first"
    case .noBusBandwidth: "use a smaller --size or --fps, or another port"
    case .noSignal: SourceTrouble.noInput(reason: "").cure
    case .noSuchFile(let path, _):
      // A name without a folder or an ending may be a word that was misspelled.
      path.contains(/[\/.]/)
        ? nil : "a source is camera, a camera's path or name, a video file, an address, - or pattern"
    case .notVideo, .unsupported, .notCamera, .cameraForbidden(_, nil), .cameraFailed, .invalidControl,
      .invalidInput, .noSuchTrack:
      nil
    }
  }
}

extension CaptureError {
  /// The cause without the name of what it is the cause of, where the reader knows that.
  var reason: String {
    switch self {
    case .unreachable(_, let reason), .notVideo(_, let reason), .unsupported(_, let reason),
      .libcameraFailed(_, let reason):
      reason
    default: cause
    }
  }
}
