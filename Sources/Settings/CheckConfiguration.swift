import ICE
import NIOCore
import Network
import XMPP

/// Everything `jinglecam check` was told, checked.
package struct CheckConfiguration: Sendable {
  /// nil: no XMPP.
  package var account: Account?
  /// Whom to call; wants an account.
  package var peer: JID?
  package var stunServers: [STUNURI]
  package var turnServers: [TURNServer]
  package var icePolicy: ICETransportPolicy
  package var relaxedTURN: Bool
  package var caFile: String?
  /// The time from the beginning of one check to that of the next; nil where there is only one.
  package var interval: TimeAmount?

  package init(
    account: Account?, peer: JID?, stunServers: [STUNURI], turnServers: [TURNServer],
    icePolicy: ICETransportPolicy, relaxedTURN: Bool, caFile: String?, interval: TimeAmount?
  ) {
    self.account = account
    self.peer = peer
    self.stunServers = stunServers
    self.turnServers = turnServers
    self.icePolicy = icePolicy
    self.relaxedTURN = relaxedTURN
    self.caFile = caFile
    self.interval = interval
  }
}
