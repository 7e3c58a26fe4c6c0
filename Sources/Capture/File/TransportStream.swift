/// MPEG transport streams, as they are broadcast.
enum TransportStream {
  private static let packetSize = 188
  /// The number of packets that are examined.
  private static let sample = 1_000

  /// Whether most packets of a file are scrambled (`transport_scrambling_control`, ISO/IEC 13818-1 section 2.4.3.3).
  /// FFmpeg ignores these bits, and finds nothing that it can decode.
  static func isScrambled(path: String) -> Bool {
    guard let file = try? InputFile(path: path) else { return false }
    return withUnsafeTemporaryAllocation(byteCount: packetSize, alignment: 1) { packet in
      var (count, scrambled) = (0, 0)
      while count < sample, file.read(into: packet), packet[0] == 0x47 {
        count += 1
        if packet[3] & 0xc0 != 0 { scrambled += 1 }
      }
      return 2 * scrambled > count
    }
  }
}
