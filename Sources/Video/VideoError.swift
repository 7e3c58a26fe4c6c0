/// An error of libvpx.
package enum VideoError: Error, Equatable {
  /// The encoder does not support the settings or the size of the picture.
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
