import NIOCore
import RTP
import SRTP

/// What a packet costs from the encoded frame to SRTP, against libsrtp2 in a bare loop over as many bytes.
///
/// Prints nanoseconds a packet, one line a profile: `PROFILE OURS BARE`, medians of rounds that take turns.
@main
enum Main {
  private static let packets = 12_000
  private static let rounds = 15

  static func main() throws {
    for profile in [SRTPProfile.aeadAES128GCM, .aes128CMHMACSHA1x80] {
      var sender = try FrameSender(profile)
      var bare = try BareLoop(profile)
      var ours: [Int64] = []
      var theirs: [Int64] = []
      for _ in 0..<rounds {
        theirs.append(time { bare.run(packets: packets) })
        ours.append(time { sender.run(packets: packets) })
      }
      print(profile, median(ours), median(theirs))
    }
  }

  private static func time(_ body: () -> Void) -> Int64 {
    let begin = NIODeadline.now()
    body()
    return (.now() - begin).nanoseconds / Int64(packets)
  }

  private static func median(_ values: [Int64]) -> Int64 {
    values.sorted()[values.count / 2]
  }
}

/// Sizes that both loops share.
enum PacketShape {
  /// RTP payload, VP8's payload descriptor included.
  static let payload = 1_100
  static let packetsPerFrame = 12
}
