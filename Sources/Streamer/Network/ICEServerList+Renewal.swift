import ICE
import NIOCore

extension ICEServerList {
  /// Until it is cancelled: a call may outlast the credentials that it began with.
  func keepFresh(
    by gather: () async -> ICEServerList, _ apply: ([ICEServer]) async -> Void
  ) async {
    var servers = self
    while let time = servers.renewal {
      // Nothing happens that could be awaited instead: the server does not say when credentials lapse.
      guard (try? await Task.sleep(for: .nanoseconds(time.nanoseconds))) != nil else { return }
      servers = await gather()
      await apply(servers.servers)
    }
  }
}
