import Capture

/// A camera that can be chosen.
struct CameraChoice: Equatable, Sendable {
  /// The name by which it is found again.
  let source: String
  let path: String
  let card: String

  /// - Returns: nil if it gives no pictures.
  init?(_ camera: CameraDescription) {
    guard camera.problem == nil else { return nil }
    source = camera.stablePath ?? camera.path
    path = camera.path
    card = camera.card
  }

  /// A line for people.
  var line: String { card.isEmpty ? source : "\(card) (\(source))" }
}
