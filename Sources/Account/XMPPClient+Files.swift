import NIOCore
import XMPP

extension XMPPClient {
  /// What hangs among a server's services must not hold up the others.
  private static let discoveryTimeout = TimeAmount.seconds(5)

  /// What takes files to be fetched by others (XEP-0363 section 3): the server itself, or a service that it tells of. All
  /// are asked at once.
  package func uploadService() async -> HTTPFileUpload? {
    let server = jid.server
    let items = try? await request(ServiceDiscovery.itemsRequest(to: server), timeout: Self.discoveryTimeout)
    let entities = [server] + (items.map { ServiceDiscovery.items(in: $0) } ?? [])
    return await withTaskGroup(of: HTTPFileUpload?.self) { group in
      for entity in entities {
        group.addTask { [self] in
          let request = ServiceDiscovery.infoRequest(to: entity)
          let information = try? await self.request(request, timeout: Self.discoveryTimeout)
          return information.flatMap { HTTPFileUpload(entity, information: $0) }
        }
      }
      return await group.first { $0 != nil } ?? nil
    }
  }
}
