/// Where a call stands, as a person sees it.
package enum CallState: String, Codable, Sendable {
  case loggingIn = "logging-in"
  case calling
  case ringing
  case connecting
  case streaming
}
