/// Why a source gives no pictures; `description` is the line the user reads.
package enum CaptureError: Error, Equatable {
  /// Nothing of that name, or not ours to read.
  case noSuchFile(path: String, reason: String)
  case notVideo(path: String, reason: String)
  /// A video that this build has no decoder for, or of an impossible size.
  case unsupported(path: String, reason: String)
  /// Only who sold it has the key.
  case encrypted(path: String)
  /// A source on the network does not answer, or refuses.
  case unreachable(address: String, reason: String)
  case invalidPattern(String)
  /// FFmpeg, which plays files and decodes H.264, is not on this computer, or not in the version that this was built for.
  case missingLibrary(reason: String, packages: [String])

  case noCamera
  case noSuchCamera(path: String)
  /// A device, but none that gives pictures that can be sent.
  case notCamera(path: String, reason: String)
  /// A sensor without an image processor, whose data only libcamera makes pictures of.
  case rawSensor(path: String)
  case cameraForbidden(path: String, group: String?)
  /// `holder`: the program that streams from it, where the system tells.
  case cameraBusy(path: String, holder: String?)
  case noBusBandwidth(path: String)
  /// A bridge that has nothing to show, and may have in a moment.
  case noSignal(path: String, reason: String)
  case cameraFailed(path: String, reason: String)
  case invalidControl(String)
  /// Standard input holds no video, or holds it in an unknown form.
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
    case .unreachable(let address, let reason): "cannot play \(address): \(reason)"
    case .invalidPattern(let reason): reason
    case .missingLibrary(let reason, _): "cannot decode video without FFmpeg (\(reason))"
    case .noCamera: "there is no camera"
    case .noSuchCamera(let path): "there is no camera at \(NetworkAddress.shown(path))"
    case .notCamera(let path, let reason): "cannot stream \(path): \(reason)"
    case .rawSensor(let path): "\(path) gives raw sensor data, which only libcamera turns into pictures"
    case .cameraForbidden(let path, _): "\(path) may not be opened by you"
    case .cameraBusy(let path, let holder): "\(path) is in use by \(holder ?? "another program")"
    case .noBusBandwidth(let path): "the USB bus has no room left for \(path)"
    case .noSignal(let path, let reason): "\(path): \(reason)"
    case .cameraFailed(let path, let reason): "the camera at \(path) fails: \(reason)"
    case .invalidControl(let reason): "--control: \(reason)"
    case .invalidInput(let reason): "cannot stream standard input: \(reason)"
    }
  }

  /// What to do; `nil` where the cause says it, or nobody knows.
  package var cure: String? {
    switch self {
    case .invalidPattern: "a test pattern is written pattern[:WIDTHxHEIGHT@FPS]"
    case .unreachable: SourceTrouble.unreachable(reason: "").cure
    case .encrypted: "take a copy without copy protection"
    case .missingLibrary(_, let packages): "install \(packages.joined(separator: " "))"
    case .noCamera: "plug one in, and see what jinglecam devices finds"
    case .noSuchCamera: "jinglecam devices lists those that are there"
    case .rawSensor: "install libcamera-tools and run: libcamerify jinglecam ..."
    case .cameraForbidden(_, let group?): "join its group (sudo usermod -aG \(group) $USER) and log in again"
    case .cameraBusy: "end that first"
    case .noBusBandwidth: "take a smaller --size or --fps, or another port"
    case .noSignal: SourceTrouble.noInput(reason: "").cure
    case .noSuchFile, .notVideo, .unsupported, .notCamera, .cameraForbidden(_, nil), .cameraFailed, .invalidControl,
      .invalidInput:
      nil
    }
  }
}

extension CaptureError {
  /// The cause without the name of what it is the cause of, where the reader knows that.
  var reason: String {
    switch self {
    case .unreachable(_, let reason), .notVideo(_, let reason), .unsupported(_, let reason): reason
    default: cause
    }
  }
}
