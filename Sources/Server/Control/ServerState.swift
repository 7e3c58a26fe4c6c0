import Video

/// How a camera is doing, in two sentences for a person.
struct ServerState: Sendable {
  var isSourcePresent: Bool
  var viewers: Int
  var maximumViewers: Int
  /// nil: the source decides, when somebody watches.
  var pictureSize: PictureSize?
  /// In bits per second.
  var maximumBitrate: Int

  var text: String {
    let audience =
      switch viewers {
      case 0: "Nobody is watching; up to \(maximumViewers) can."
      case 1: "1 of \(maximumViewers) is watching."
      default: "\(viewers) of \(maximumViewers) are watching."
      }
    let picture = [pictureSize?.description, "up to \(maximumBitrate / 1000) kbit/s"].compactMap { $0 }
    return
      "\(isSourcePresent ? "Ready." : "There is no camera.") \(audience)\nThe picture: \(picture.joined(separator: ", "))."
  }
}
