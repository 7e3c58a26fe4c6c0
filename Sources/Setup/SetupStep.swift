/// What `jinglecam setup` has done, for people and for programs.
package struct SetupStep: Encodable, Equatable, Sendable {
  package enum Kind: String, Encodable, Sendable {
    case camera, account, settings, service, contact, pairing
  }

  package var step: Kind
  package var text: String
  package var source: String?
  package var jid: String?
  /// Whether the account was created.
  package var isCreated: Bool?
  /// The file with the settings.
  package var file: String?
  package var passwordFile: String?
  package var unit: String?
  package var link: String?
  /// That of pairing, and the seconds for which it is of use.
  package var code: String?
  package var expiresIn: Int?

  init(_ step: Kind, _ text: String) {
    self.step = step
    self.text = text
  }
}
