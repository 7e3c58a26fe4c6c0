/// RTCP packet types (RFC 3550 section 12.1, RFC 4585 section 6.1).
enum RTCPPacketType: UInt8 {
  case senderReport = 200
  case receiverReport = 201
  case sourceDescription = 202
  case goodbye = 203
  case transportLayerFeedback = 205
  case payloadSpecificFeedback = 206
}
