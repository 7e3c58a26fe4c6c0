import ICE
import NIOCore
import Streamer

/// What the findings mean for calls, and what to change. Without a call it is a prediction: what the viewer's side is
/// like nobody knows.
package struct CheckVerdict: Hashable, Sendable {
  package enum Path: String, Hashable, Sendable {
    case direct
    case relay
    case none
  }

  /// What is to be done about it, for a program.
  package enum Outcome: Hashable, Sendable {
    case direct, relayOnly, noPath
    /// No relay can be used because a TURN server refuses the credentials, whatever the path is.
    case relayCredentialsRefused
  }

  package let path: Path
  package let isPrediction: Bool
  package let outcome: Outcome
  /// The verdict in one sentence.
  package let text: String
  /// What to change, in one sentence.
  package let advice: String

  private static let noAdvice = "Nothing needs to change."

  var needsNoChange: Bool { advice == Self.noAdvice }

  init(_ findings: CheckFindings) {
    let usable = findings.relays.filter { $0.isOffered && $0.isUsable }
    let refused = findings.relays.filter { $0.isOffered && $0.isRefused }
    let fact = Self.fact(findings.call)
    path = fact ?? (Self.isDirect(findings) ? .direct : usable.isEmpty ? .none : .relay)
    isPrediction = fact == nil
    outcome =
      if fact == nil, usable.isEmpty, !refused.isEmpty {
        .relayCredentialsRefused
      } else {
        switch path {
        case .direct: .direct
        case .relay: .relayOnly
        case .none: .noPath
        }
      }
    text = fact.map(Self.text(ofFact:)) ?? Self.remark(on: findings.call) + Self.text(path, findings)
    advice =
      usable.isEmpty && !refused.isEmpty ? Self.advice(onRefused: refused) : Self.advice(path, findings)
  }

  /// nil: there was no call to see.
  private static func fact(_ call: CheckFindings.Call?) -> Path? {
    switch call {
    case .connected(let isRelayed): isRelayed ? .relay : .direct
    case .noPath: Path.none
    case .none?, nil: nil
    }
  }

  private static func text(ofFact path: Path) -> String {
    switch path {
    case .direct: "direct: the call went from here to the viewer."
    case .relay: "relay only: the call went through a relay."
    case .none: "blocked: the call was accepted, and no path was found."
    }
  }

  private static func remark(on call: CheckFindings.Call?) -> String {
    if case .none(let reason)? = call { "there was no call (\(reason)); without one: " } else { "" }
  }

  /// The behavior that decides: that of IPv4 where it has an answer, because not every viewer has IPv6.
  private static func decisive(_ findings: CheckFindings) -> NATBehavior? {
    let reachable = findings.behaviors.filter { $0.mapped != nil }
    return reachable.first { $0.mapped?.protocol == .inet } ?? reachable.first
  }

  private static func isDirect(_ findings: CheckFindings) -> Bool {
    guard !findings.isRelayOnly, let behavior = decisive(findings) else { return false }
    return behavior.mapping.dependence ?? .endpointIndependent == .endpointIndependent
  }

  private static func text(_ path: Path, _ findings: CheckFindings) -> String {
    let behavior = decisive(findings)
    switch path {
    case .direct where behavior?.isTranslated == false:
      return "direct, as far as can be predicted: UDP gets out, and there is no NAT."
    case .direct where behavior?.mapping.dependence == nil:
      return "direct, probably: UDP gets out, but whether the NAT uses one mapping for all destinations is not known."
    case .direct:
      return "direct, as far as can be predicted: UDP gets out, and the NAT uses one mapping for all destinations."
    case .relay where findings.isRelayOnly:
      return "relay only, as --ice-policy relay asks."
    case .relay where behavior != nil:
      return "relay only, as far as can be predicted: \(symmetricNAT)."
    case .relay:
      let ways = Set(findings.relays.filter { $0.isOffered && $0.isUsable }.map(\.relayProtocol.name))
      return "relay only, as far as can be predicted: \(silence(findings)), "
        + "a TURN server can be used over \(ways.sorted().joined(separator: " and "))."
    case .none where !findings.hasRoute: return "blocked: this machine has no route to anywhere."
    case .none where findings.isRelayOnly: return "blocked: --ice-policy relay is asked for, and no relay can be used."
    case .none where behavior != nil:
      return "blocked, as far as can be predicted: \(symmetricNAT), and no relay can be used."
    case .none where findings.behaviors.isEmpty && findings.relays.isEmpty:
      return "unknown: there is no server to test with."
    case .none where isAnswered(findings): return "blocked: \(silence(findings)), and no relay can be used."
    case .none: return "blocked: no server answers, neither over UDP nor over TCP or TLS."
    }
  }

  private static let symmetricNAT = "the NAT uses another mapping for each destination (a symmetric NAT)"

  /// Why no STUN server tells of a way out.
  private static func silence(_ findings: CheckFindings) -> String {
    guard findings.isSTUNNamed else { return "no STUN server is named" }
    return isSTUNUseless(findings) ? "no STUN server tells an address that can be" : "no STUN server answers"
  }

  private static func isSTUNUseless(_ findings: CheckFindings) -> Bool {
    findings.behaviors.contains { $0.mapping.obstacle == .uselessAnswer }
  }

  /// Whether a server did, of whatever kind: the network lets us out.
  private static func isAnswered(_ findings: CheckFindings) -> Bool {
    isSTUNUseless(findings) || findings.relays.contains { $0.allocation.error?.isAnswer ?? true }
  }

  private static func advice(onRefused refused: [CheckFindings.Relay]) -> String {
    guard let relay = refused.first else { return "" }
    let complaint = "\(relay.url) refuses the credentials"
    let expiry =
      refused.compactMap(\.expiredFor).first.map { ", which expired \(CheckText.span(seconds: $0)) ago" } ?? ""
    if relay.isNamedByUser {
      return "\(complaint)\(expiry): set JINGLECAM_TURN_USERNAME and JINGLECAM_TURN_PASSWORD to those it knows."
    }
    return "\(complaint)\(expiry): they are the XMPP server's, which must share "
      + (expiry.isEmpty
        ? "its secret with the TURN server." : "the TURN server's secret, and name credentials that last.")
  }

  private static func advice(_ path: Path, _ findings: CheckFindings) -> String {
    let offered = findings.relays.filter(\.isOffered)
    let broken = offered.first { !$0.isUsable }
    let isRelayed = offered.contains(where: \.isUsable)
    let extra = findings.relays.first { !$0.isOffered && $0.isUsable }
    switch path {
    case .direct where isRelayed:
      return noAdvice
    case .direct where broken != nil:
      return "Viewers behind a symmetric NAT need a relay, and none can be used: \(repair(broken))"
    case .direct:
      return "Viewers behind a symmetric NAT need a relay: name a TURN server with --turn, or in the XMPP server."
    case .relay where findings.isRelayOnly: return noAdvice
    case .relay where isDirect(findings):
      return "From here a direct path would do: it is the viewer's network that needs the relay."
    case .relay where decisive(findings) != nil:
      return "For a direct path switch the router's NAT to endpoint-independent mapping (\"full cone\"), or use IPv6."
    case .relay where !findings.isSTUNNamed:
      return "For a direct path name a TURN server over UDP, or have the XMPP server name a STUN server."
    case .relay where isSTUNUseless(findings):
      return "For a direct path name another STUN server: that which answers tells no address that can be."
    case .relay: return "For a direct path let UDP out of the firewall."
    case .none where !findings.hasRoute: return "Connect it to a network."
    case .none where extra != nil: return "Name --turn '\(extra?.url ?? "")', which answers."
    case .none where broken != nil: return repair(broken)
    case .none where !findings.unresolved.isEmpty:
      return "\(findings.unresolved[0]) has no address: check the name, and DNS."
    case .none
    where decisive(findings) != nil || findings.behaviors.isEmpty || findings.isRelayOnly || isAnswered(findings):
      return "Name a TURN server with --turn, or in the XMPP server."
    case .none:
      return "Let UDP out of the firewall, or name a TURN server that is reached by TLS (--turn turns:HOST:443)."
    }
  }

  private static func repair(_ relay: CheckFindings.Relay?) -> String {
    guard let relay else { return "" }
    guard let error = relay.allocation.error else {
      return "\(relay.url) gives an allocation, and relays no packet: check its relay ports and external address."
    }
    let failure = FailureReport(error, stage: relay.allocation.stage.rawValue)
    return "\(relay.url) fails (\(failure.line)): \(error.remedy)."
  }
}

extension RelayProtocol {
  /// The protocol's name as people write it.
  var name: String { rawValue.uppercased() }
}
