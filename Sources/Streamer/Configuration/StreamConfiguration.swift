import Capture
import Logging
import NIOCore
import Video
import XMPP

/// Everything `jinglecam stream` was told, checked.
package struct StreamConfiguration: Sendable {
  /// W3C RTCIceTransportPolicy.
  package enum ICEPolicy: String, CaseIterable, Sendable {
    case all
    case relay
  }

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

  package var source: String
  package var peer: JID
  package var account: Account
  package var size: PictureSize?
  package var frameRate: Int?
  package var orientation: Orientation
  package var controls: [ControlSetting]
  /// Bits per second.
  package var bitrate: Int
  package var loops: Bool
  package var duration: TimeAmount?
  package var icePolicy: ICEPolicy
  package var turnServers: [TURNServer]
  package var relaxedTURN: Bool
  package var ringTimeout: TimeAmount
  /// Offer `senders='initiator'` from the start.
  package var oneWay: Bool

  package init(
    source: String, peer: JID, account: Account, size: PictureSize?, frameRate: Int?, orientation: Orientation,
    controls: [ControlSetting], bitrate: Int, loops: Bool,
    duration: TimeAmount?, icePolicy: ICEPolicy, turnServers: [TURNServer], relaxedTURN: Bool, ringTimeout: TimeAmount,
    oneWay: Bool
  ) {
    self.source = source
    self.peer = peer
    self.account = account
    self.size = size
    self.frameRate = frameRate
    self.orientation = orientation
    self.controls = controls
    self.bitrate = bitrate
    self.loops = loops
    self.duration = duration
    self.icePolicy = icePolicy
    self.turnServers = turnServers
    self.relaxedTURN = relaxedTURN
    self.ringTimeout = ringTimeout
    self.oneWay = oneWay
  }
}
