import NIOCore
import XMPP

extension XMPPClient {
  /// A call waits for it.
  private static let servicesTimeout = TimeAmount.seconds(5)

  /// STUN and TURN services, XEP-0215; none where the server knows none. Ask before every call: credentials expire.
  package func externalServices() async -> [ExternalService] {
    let request = ExternalService.request(id: "", to: jid.server)
    guard let result = try? await self.request(request, timeout: Self.servicesTimeout) else { return [] }
    var services = ExternalService.parse(result)
    for answer in await credentials(of: ExternalService.lackingCredentials(among: services)) {
      for index in services.indices { services[index].takeCredentials(from: answer) }
    }
    return services
  }

  /// The answers, all asked for at once.
  private func credentials(of services: [ExternalService]) async -> [XMLElement] {
    await withTaskGroup(of: XMLElement?.self) { group in
      for service in services {
        group.addTask { [self] in
          let request = service.credentialsRequest(id: "", to: jid.server)
          return try? await self.request(request, timeout: Self.servicesTimeout)
        }
      }
      return await group.reduce(into: []) { answers, answer in if let answer { answers.append(answer) } }
    }
  }
}
