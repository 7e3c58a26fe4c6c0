import NIOCore

extension TimeAmount {
  /// As W3C statistics count, and as rates are computed.
  package var seconds: Double { Double(nanoseconds) / 1e9 }
}
