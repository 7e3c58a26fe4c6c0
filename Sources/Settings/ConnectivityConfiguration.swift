import ICE

/// How a path to a viewer may be found.
package struct ConnectivityConfiguration: Sendable {
  package var icePolicy: ICETransportPolicy
  package var turnServers: [TURNServer]
  package var relaxedTURN: Bool

  package init(icePolicy: ICETransportPolicy = .all, turnServers: [TURNServer] = [], relaxedTURN: Bool = false) {
    self.icePolicy = icePolicy
    self.turnServers = turnServers
    self.relaxedTURN = relaxedTURN
  }
}

/// A TURN server that the user named, with the credentials for it. ``ICEServer`` is one at an address.
package struct TURNServer: Sendable {
  package var uri: TURNURI
  package var credentials: TURNCredentials

  package init(uri: TURNURI, credentials: TURNCredentials) {
    self.uri = uri
    self.credentials = credentials
  }
}
