/// The address of a server that cannot be used, as a message may repeat it: what comes after the host may be a secret
/// that belongs elsewhere.
struct WrongAddress: CustomStringConvertible {
  private let text: String

  init(_ text: String) { self.text = text }

  var description: String {
    let scheme = text.prefixMatch(of: /(?:turn|stun|xmpp)s?:(?:\/\/)?|[a-z]*:\/\//.ignoresCase())
    let rest = text[(scheme?.range.upperBound ?? text.startIndex)...]
    let host = rest.prefixMatch(of: /\[[^\]]*\]|[^:\/?]*/)
    let tail = rest[(host?.range.upperBound ?? rest.startIndex)...]
    let isPlain = tail.wholeMatch(of: /(?::[0-9]{0,5})?(?:\/|\?transport=[a-z]+)?/) != nil
    return isPlain ? "'\(text)'" : "'\(text[..<tail.startIndex])…'"
  }
}
