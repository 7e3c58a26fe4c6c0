/// An error of libopus.
package enum SoundError: Error, Equatable {
  /// libopus makes no encoder or decoder with these settings.
  case codecUnavailable(String)
  case encodingFailed(String)
  /// The packet is none of Opus (RFC 6716 section 3.4), or it is longer than what it is decoded into.
  case invalidPacket(String)
}

extension SoundError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .codecUnavailable(let reason), .encodingFailed(let reason), .invalidPacket(let reason): reason
    }
  }
}
