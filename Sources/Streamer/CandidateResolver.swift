import Call
import NIOCore
import Network

/// Resolves names of the local link, which the system's resolver knows where libnss-mdns or systemd-resolved is installed.
struct CandidateResolver: Sendable {
  /// Peers choose the names, and can choose such as hang.
  private static let threads = ResolverThreads(count: 2, maximumWaiting: CandidateNames.limit)

  private let resolver: HostResolver

  init(resolver: HostResolver) {
    var resolver = resolver
    resolver.threads = Self.threads
    self.resolver = resolver
  }

  /// The address, without a port; nil where the name is unknown here. Of several addresses the first counts.
  func address(of request: CandidateNames.Request) async -> String? {
    await resolver.addresses(of: request.name, port: Int(request.candidate.port)).first?.ipAddress
  }
}
