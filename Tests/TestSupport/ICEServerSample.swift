import NIOCore
import XMPP

/// STUN and TURN servers that are nowhere.
package enum ICEServerSample {
  /// As an XMPP server tells of it (XEP-0215).
  package static func service(
    _ type: String, _ host: String, transport: String? = "udp", username: String? = "u", port: String? = "3478"
  ) -> ExternalService {
    var service = XMLElement(
      "service", namespace: ExternalService.namespace, attributes: ["type": type, "host": host])
    service["port"] = port
    service["transport"] = transport
    service["username"] = username
    service["password"] = username.map { _ in "p" }
    let services = XMLElement("services", namespace: ExternalService.namespace, children: [.element(service)])
    guard let parsed = ExternalService.parse(.iq(.result, id: "", services)).first else {
      preconditionFailure("\(type) at \(host) is no service")
    }
    return parsed
  }

  /// 192.0.2.NUMBER.
  package static func address(_ number: Int) -> SocketAddress {
    do { return try SocketAddress(ipAddress: "192.0.2.\(number)", port: 3478) } catch {
      preconditionFailure("\(error)")
    }
  }
}
