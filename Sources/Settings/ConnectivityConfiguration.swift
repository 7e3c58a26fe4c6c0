/// How a path to a viewer may be found.
package struct ConnectivityConfiguration: Sendable {
  package var icePolicy: ICEPolicy
  package var turnServers: [TURNServer]
  package var relaxedTURN: Bool

  package init(icePolicy: ICEPolicy = .all, turnServers: [TURNServer] = [], relaxedTURN: Bool = false) {
    self.icePolicy = icePolicy
    self.turnServers = turnServers
    self.relaxedTURN = relaxedTURN
  }
}
