import Account
import CTimex
import NIOCore
import Network
import XMPP

extension ClockReading {
  /// - Parameter client: nil where there was no login.
  static func gather(_ client: XMPPClient?) async -> ClockReading {
    ClockReading(serverOffset: await offset(client), isSynchronized: isSynchronized)
  }

  /// The server's clock is read in the middle of the round trip, as far as we can know.
  private static func offset(_ client: XMPPClient?) async -> Int64? {
    guard let client else { return nil }
    let sent = WallClock.secondsSince1970
    let request = EntityTime.request(to: client.jid.server)
    guard let result = try? await client.request(request, timeout: .seconds(5)),
      let time = EntityTime.secondsSince1970(result)
    else { return nil }
    return time - (sent + WallClock.secondsSince1970) / 2
  }

  private static var isSynchronized: Bool? {
    var state = timex()
    let status = adjtimex(&state)
    guard status >= 0 else { return nil }
    return status != TIME_ERROR
  }
}
