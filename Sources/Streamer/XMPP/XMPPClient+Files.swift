import NIOCore
import XMPP

extension XMPPClient {
  /// XEP-0363 section 4.
  private static let uploadFeature = "urn:xmpp:http:upload:0"
  /// Whether the server, or a service of it, takes files to be fetched by others.
  func takesFiles() async -> Bool {
    let server = jid.server
    guard let list = try? await request(ServiceDiscovery.itemsRequest(to: server), timeout: .seconds(5)) else {
      return false
    }
    let services = [server] + ServiceDiscovery.items(in: list)
    return await withTaskGroup(of: Bool.self) { group in
      for service in services {
        group.addTask { [self] in
          let answer = try? await request(ServiceDiscovery.infoRequest(to: service), timeout: .seconds(5))
          let features = answer?.first("query", ServiceDiscovery.infoNamespace)?
            .all("feature", ServiceDiscovery.infoNamespace)
          return features?.contains { $0["var"] == Self.uploadFeature } ?? false
        }
      }
      return await group.contains(true)
    }
  }
}
