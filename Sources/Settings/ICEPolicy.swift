/// W3C RTCIceTransportPolicy.
package enum ICEPolicy: String, CaseIterable, Sendable {
  case all
  case relay
}
