import ICE
import NIOCore
import Network

extension ICEServerList {
  /// Until it is cancelled: a call may outlast the credentials that it began with.
  package func keepFresh(
    on eventLoop: any EventLoop, by gather: () async -> ICEServerList, _ apply: ([ICEServer]) async -> Void
  ) async {
    var servers = self
    while let time = servers.renewal {
      // Nothing happens that could be awaited instead: the server does not say when credentials lapse.
      guard (try? await eventLoop.wait(time)) != nil else { return }
      servers = await gather()
      await apply(servers.servers)
    }
  }
}
