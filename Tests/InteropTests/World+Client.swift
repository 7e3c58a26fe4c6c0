import Account
import Foundation
import Logging
import NIOPosix
import Streamer
import XMPP

extension World {
  /// An account's stream, for what an independent client does not do by itself.
  func client(_ account: String) async throws -> XMPPClient {
    let server = server.split(separator: ":")
    guard server.count == 2, let port = Int(server[1]) else { throw URLError(.badURL) }
    return try await XMPPClient.connect(
      .init(
        jid: JID(account), password: String(contentsOfFile: passwordFile, encoding: .utf8),
        server: (String(server[0]), port), caFile: caFile),
      on: MultiThreadedEventLoopGroup.singleton.next(),
      logger: Logger(label: "client") { _ in SwiftLogNoOpLogHandler() })
  }
}
