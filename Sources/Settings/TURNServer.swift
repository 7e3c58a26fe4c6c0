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
