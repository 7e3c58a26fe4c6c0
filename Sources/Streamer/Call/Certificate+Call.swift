import SRTP

extension Certificate {
  /// One of its own for each call, so that calls cannot be told to be of one host.
  static func forCall() throws(CommandError) -> Certificate {
    do throws(DTLSError) {
      return try Certificate()
    } catch {
      throw CommandError("no certificate for the call could be made: \(error)", .software)
    }
  }
}
