/// Why a source gives no pictures; `description` is the line the user reads.
package enum CaptureError: Error, Equatable {
  /// Nothing of that name, or not ours to read.
  case noSuchFile(path: String, reason: String)
  case notVideo(path: String, reason: String)
  /// A video that this build has no decoder for, or of an impossible size.
  case unsupported(path: String, reason: String)
  case invalidPattern(String)
  /// FFmpeg, which plays the file, is not on this computer, or not in the version that this was built for.
  case missingLibrary(reason: String, packages: [String])
}

extension CaptureError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noSuchFile(let path, let reason): "cannot open \(path): \(reason)"
    case .notVideo(let path, let reason): "\(path) is not a video: \(reason)"
    case .unsupported(let path, let reason): "cannot play \(path): \(reason)"
    case .invalidPattern(let reason): "\(reason); a test pattern is written pattern[:WIDTHxHEIGHT@FPS]"
    case .missingLibrary(let reason, let packages):
      "cannot play files other than Y4M without FFmpeg (\(reason)); install \(packages.joined(separator: " "))"
    }
  }
}
