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

/// A TURN server that the user named, with the credentials for it.
package struct TURNServer: Sendable {
  package var uri: TURNURI
  package var username: String
  package var password: String

  package init(uri: TURNURI, username: String, password: String) {
    self.uri = uri
    self.username = username
    self.password = password
  }
}
