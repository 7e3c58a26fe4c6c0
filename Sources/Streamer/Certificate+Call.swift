import SRTP

extension Certificate {
  /// One of its own for each call, so that calls cannot be told to be of one host.
  package static func forCall() throws(StreamError) -> Certificate {
    do throws(DTLSError) {
      return try Certificate()
    } catch {
      throw .certificate(error)
    }
  }
}
