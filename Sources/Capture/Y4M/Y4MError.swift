/// An error in the first line of a YUV4MPEG2 stream.
enum Y4MError: Error, Equatable {
  case endsInHeader
  case headerTooLong
  case malformedTag(Character)
  case noSize
}

extension Y4MError: CustomStringConvertible {
  var description: String {
    switch self {
    case .endsInHeader: "it ends within its header"
    case .headerTooLong: "its header is longer than \(Y4MHeader.longestLine) bytes"
    case .malformedTag(let tag): "the \(tag) in its header is malformed"
    case .noSize: "its pictures have no size"
    }
  }
}
