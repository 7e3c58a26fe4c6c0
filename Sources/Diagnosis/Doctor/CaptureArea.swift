/// A size that a camera offers.
struct CaptureArea: Hashable, Sendable {
  let width: Int
  let height: Int
}
