import Capture
import NIOCore
import Video

/// Takes single pictures as JPEG, when the control asks for one.
struct SnapshotTap {
  private let control: EncoderControl
  /// Told the picture; `nil`: there is none, since the camera is gone.
  var onSnapshot: (ByteBuffer?) -> Void = { _ in }

  /// A camera that was just opened takes about half a second to find exposure and white balance, in the dark, where it
  /// gives few pictures, longer. So many are let pass, or so much time.
  private static let settlingFrames = 20
  private static let settlingTime = TimeAmount.seconds(2)

  init(_ control: EncoderControl) {
    self.control = control
  }

  /// Without a request it costs one load of an atomic word.
  ///
  /// - Parameters:
  ///   - count: the pictures of this source so far.
  ///   - age: how long the source has been looked at.
  func look(at frame: borrowing VideoFrame, of source: any VideoSource, count: Int, age: TimeAmount) {
    guard control.isSnapshotWanted else { return }
    guard source.hasSignal else { return answer(nil) }
    let isSettled = source.timeline == .media || count >= Self.settlingFrames || age >= Self.settlingTime
    if isSettled { answer(JPEGEncoder().encode(frame)) }
  }

  private func answer(_ picture: ByteBuffer?) {
    control.clearSnapshotRequest()
    onSnapshot(picture)
  }
}
