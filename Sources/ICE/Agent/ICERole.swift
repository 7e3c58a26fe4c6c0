/// The role of an agent; the controlling agent nominates (RFC 8445 section 6.1.1).
package enum ICERole: Hashable, Sendable {
  case controlling
  case controlled

  var opposite: ICERole {
    switch self {
    case .controlling: .controlled
    case .controlled: .controlling
    }
  }
}
