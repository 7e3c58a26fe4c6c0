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
    case .silent: "the camera is there, and gives no pictures"
    case .noInput(let reason): reason
    case .unreachable(let reason): "the source on the network is lost: \(reason)"
    case .lost(let reason): "the camera is lost: \(reason)"
    case .programFailed(let program, let reason): "\(program) gives no pictures: \(reason)"
    }
  }

  /// What to do.
  package var cure: String {
    switch self {
    case .undecodable:
      "take another --size, which may come in another format; else look at the cable, and take a port without a hub"
    case .damaged: "look at the network, or at the program that writes into the pipe"
    case .noInput: "switch on what is to be shown, look at its cable, and let it send 1080p at 30 or less"
    case .unreachable: "see that it is switched on, reachable from here, and that its address and password are right"
    case .programFailed: "look at the ribbon cable at both ends, and run rpicam-hello --list-cameras"
    case .silent, .lost: "plug it in again, at another port without a hub; dmesg tells what the driver saw"
    }
  }
}
