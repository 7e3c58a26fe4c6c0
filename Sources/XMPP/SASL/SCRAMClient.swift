/// The client side of SCRAM (RFC 5802 section 5, RFC 7677): the first message, the proof, and the verification of the
/// server's signature, before which the server is not trusted.
///
/// Each method answers one message of the server; called out of order, it throws `.malformedMessage`.
package struct SCRAMClient: Sendable {
  private enum State: Sendable {
    case awaitingChallenge
    case deriving(nonce: String, serverFirst: String)
    case proven(serverKey: [UInt8], authMessage: [UInt8])
    case verified
    case failed
  }

  /// The accepted iteration counts. RFC 7677 section 4 requires at least 4096. A million takes a small computer one or
  /// two seconds; a hostile server could ask for thousands of times that.
  package static let iterations = 4096...1_000_000

  private let hash: SCRAMHash
  private let password: [UInt8]
  private let binding: ChannelBinding
  private let nonce: String
  private let firstBare: String
  private var state = State.awaitingChallenge

  /// - Parameter nonce: printable ASCII characters without a comma, random for each exchange.
  /// - Throws: `SASLError.prohibitedCredentials`.
  package init(
    _ hash: SCRAMHash, username: String, password: String, binding: ChannelBinding, nonce: String
  ) throws(SASLError) {
    self.hash = hash
    self.password = try SASLPreparation.prepare(password)
    self.binding = binding
    self.nonce = nonce
    let name = String(decoding: try SASLPreparation.prepare(username), as: UTF8.self)
    firstBare = "n=\(Self.escape(name)),r=\(nonce)"
  }

  package var isVerified: Bool {
    if case .verified = state { true } else { false }
  }

  /// The `client-first-message` (RFC 5802 section 7).
  package var initialResponse: [UInt8] { Array((binding.gs2Header + firstBare).utf8) }

  /// Takes the `server-first-message` and returns the key derivation, whose result is passed to ``prove(with:)``.
  ///
  /// - Throws: `SASLError`.
  package mutating func receiveChallenge(_ message: [UInt8]) throws(SASLError) -> SCRAMKeyDerivation {
    guard case .awaitingChallenge = state else { throw .malformedMessage }
    state = .failed
    guard let text = String(validating: message, as: UTF8.self) else { throw .malformedMessage }
    let attributes = text.split(separator: ",", omittingEmptySubsequences: false)
    if text.hasPrefix("m=") { throw .unsupportedExtension }
    guard attributes.count >= 3, attributes[0].hasPrefix("r="), attributes[1].hasPrefix("s="),
      attributes[2].hasPrefix("i=")
    else { throw .malformedMessage }
    let serverNonce = attributes[0].dropFirst(2)
    guard serverNonce.hasPrefix(nonce), serverNonce.utf8.count > nonce.utf8.count else { throw .wrongNonce }
    guard let salt = Base64.decode(attributes[1].dropFirst(2)), !salt.isEmpty,
      let iterations = Int(attributes[2].dropFirst(2))
    else { throw .malformedMessage }
    guard Self.iterations.contains(iterations) else { throw .iterationCount(iterations) }
    state = .deriving(nonce: String(serverNonce), serverFirst: text)
    return SCRAMKeyDerivation(hash: hash, password: password, salt: salt, iterations: iterations)
  }

  /// Returns the `client-final-message`.
  ///
  /// - Parameter keys: the derived keys; nil if the derivation failed.
  /// - Throws: `SASLError`.
  package mutating func prove(with keys: SCRAMKeys?) throws(SASLError) -> [UInt8] {
    guard case .deriving(let nonce, let serverFirst) = state else { throw .malformedMessage }
    state = .failed
    guard let keys else { throw .keyDerivationFailed }
    let withoutProof = "c=\(Base64.encode(binding.input)),r=\(nonce)"
    let authMessage = Array("\(firstBare),\(serverFirst),\(withoutProof)".utf8)
    let signature = hash.hmac(key: hash.digest(keys.client), authMessage)
    let proof = zip(keys.client, signature).map { $0 ^ $1 }
    state = .proven(serverKey: keys.server, authMessage: authMessage)
    return Array("\(withoutProof),p=\(Base64.encode(proof))".utf8)
  }

  /// Takes the `server-final-message` and verifies the server's signature in constant time.
  ///
  /// - Throws: `SASLError`.
  package mutating func verify(_ message: [UInt8]) throws(SASLError) {
    guard case .proven(let serverKey, let authMessage) = state else { throw .malformedMessage }
    state = .failed
    guard let text = String(validating: message, as: UTF8.self),
      let first = text.split(separator: ",", omittingEmptySubsequences: false).first
    else { throw .malformedMessage }
    if first.hasPrefix("e=") { throw .serverError(String(first.dropFirst(2))) }
    guard first.hasPrefix("v="), let signature = Base64.decode(first.dropFirst(2)) else { throw .malformedMessage }
    guard hash.isValid(signature, key: serverKey, authMessage) else { throw .wrongServerSignature }
    state = .verified
  }

  /// Escapes a user name: "the characters ',' or '=' in usernames are sent as '=2C' and '=3D' respectively" (RFC 5802
  /// section 5.1).
  private static func escape(_ name: String) -> String {
    name.reduce(into: "") { escaped, character in
      switch character {
      case ",": escaped += "=2C"
      case "=": escaped += "=3D"
      default: escaped.append(character)
      }
    }
  }
}
