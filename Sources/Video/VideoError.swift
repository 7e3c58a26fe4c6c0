/// What libvpx refused.
package enum VideoError: Error, Equatable {
  /// The settings or the picture's size are beyond the encoder.
  case encoderUnavailable(String)
  case encodingFailed(String)
}

extension VideoError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .encoderUnavailable(let reason), .encodingFailed(let reason): reason
    }
  }
}
