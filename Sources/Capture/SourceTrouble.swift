/// Why a live source has no picture of its own at present; `description` is the line that users read.
package enum SourceTrouble: Equatable, Sendable {
  /// Its pictures are cut short or damaged, or not what the camera says that they are.
  case undecodable(reason: String)
  /// What comes over the network or through a pipe is damaged.
  case damaged
  /// It says nothing at all.
  case silent
  /// An HDMI bridge has no signal.
  case noInput(reason: String)
  /// The camera was unplugged, or its driver has given it up.
  case lost(reason: String)
  /// A source on the network does not answer any more.
  case unreachable(reason: String)
  /// The program that makes the pictures of a ribbon camera ended or hangs.
  case programFailed(program: String, reason: String)
}

extension SourceTrouble: CustomStringConvertible {
  package var description: String {
    switch self {
    case .undecodable(let reason): "the camera sends pictures that cannot be decoded: \(reason)"
    case .damaged: "the source sends pictures that cannot be decoded"
    case .silent: "the camera is connected, but delivers no frames"
    case .noInput(let reason): reason
    case .unreachable(let reason): "the source on the network is lost: \(reason)"
    case .lost(let reason): "the camera is lost: \(reason)"
    case .programFailed(let program, let reason): "\(program) delivers no frames: \(reason)"
    }
  }

  /// What to do.
  package var cure: String {
    switch self {
    case .undecodable:
      "try another --size, which may use another format; otherwise check the cable, and use a port without a hub"
    case .damaged: "check the network, or the program that writes to the pipe"
    case .noInput: "switch on the connected device, check its cable, and set it to 1080p at 30 fps or less"
    case .unreachable: "check that it is on and reachable from here, and that its address and password are right"
    case .programFailed: "check both ends of the ribbon cable, and run rpicam-hello --list-cameras"
    case .silent, .lost: "unplug it and plug it into another port, without a hub; dmesg shows what the driver reported"
    }
  }
}
