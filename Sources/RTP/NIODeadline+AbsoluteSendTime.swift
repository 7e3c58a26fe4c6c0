import NIOCore

extension NIODeadline {
  /// The time as a header extension carries it: seconds as a fixed-point number of 6.18 bits, which wraps after 64 s
  /// (http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time).
  var absoluteSendTime: UInt64 {
    // Seconds and nanoseconds are converted separately, since the shift of nanoseconds overflows 64 bits after 19 hours.
    let (seconds, nanoseconds) = uptimeNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return (seconds << 18 + (nanoseconds << 18) / 1_000_000_000) & 0xFF_FFFF
  }
}
