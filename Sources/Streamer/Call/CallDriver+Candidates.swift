import ICE
import Jingle
import NIOCore
import Peer

/// Candidates and ICE restarts of both sides (XEP-0176).
extension CallDriver {
  /// - Parameter isRestart: its credentials are new: the peer restarts ICE, or answers our restart.
  func take(_ transport: ICEUDPTransport, content: String, isRestart: Bool) {
    guard let kind = self.kind(ofContent: content) else { return }
    peerDriver?.assumeIsolated { driver in
      driver.with { connection in
        if isRestart, let parameters = JingleMapping.parameters(transport) {
          connection.restartICE(parameters, for: kind, now: .now())
        }
        for candidate in transport.candidates.compactMap(JingleMapping.candidate) {
          connection.addRemoteCandidate(candidate, for: kind, now: .now())
        }
      }
    }
    resolve(transport.candidates, of: kind)
  }

  /// Those with names of the local link; off the loop, since libc blocks.
  func resolve(_ candidates: [ICEUDPTransport.Candidate], of kind: MediaKind) {
    for candidate in candidates
    where CandidateResolver.isMulticastName(candidate.ip) && namesUnderWay < CandidateResolver.limit {
      namesUnderWay += 1
      Task {
        let resolved = await CandidateResolver(resolver: HostResolver(on: eventLoop)).resolve(candidate)
        namesUnderWay -= 1
        if let resolved { add(resolved, of: kind) }
      }
    }
  }

  private func add(_ candidate: ICECandidate, of kind: MediaKind) {
    peerDriver?.assumeIsolated { driver in
      driver.with { $0.addRemoteCandidate(candidate, for: kind, now: .now()) }
    }
  }

  func tell(_ candidate: ICECandidate, of kind: MediaKind) {
    guard isInitiated else {
      earlyCandidates[kind, default: []].append(candidate)
      return
    }
    let transport = peerDriver?.assumeIsolated { driver in
      driver.with {
        JingleMapping.transport(
          $0.localParameters(of: kind), candidate: candidate, generation: $0.generation(of: kind))
      }
    }
    guard let transport else { return }
    call.sendTransportInfo(content: contentNames[kind] ?? kind.rawValue, transport: transport, now: .now())
  }

  func restartICE(of kind: MediaKind) {
    logger.notice("the path is lost, looking for another", metadata: ["content": "\(kind)"])
    let parameters = peerDriver?.assumeIsolated { driver in driver.with { $0.localParameters(of: kind) } }
    guard let parameters = parameters ?? nil else { return }
    call.restartICE(
      content: contentNames[kind] ?? kind.rawValue, usernameFragment: parameters.usernameFragment,
      password: parameters.password, now: .now())
  }

  func iceRestartRefused(content: String) {
    guard let kind = self.kind(ofContent: content) else { return }
    logger.notice("the viewer's client takes no ICE restart", metadata: ["content": "\(kind)"])
    peerDriver?.assumeIsolated { driver in driver.with { $0.refuseICERestart(for: kind, now: .now()) } }
  }
}
