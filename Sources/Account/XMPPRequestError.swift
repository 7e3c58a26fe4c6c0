import XMPP

/// Why a request has no result.
package enum XMPPRequestError: Error, Hashable, Sendable {
  case stanza(StanzaError)
  case timedOut
  case closed
}
