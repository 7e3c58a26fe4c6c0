import NIOCore
import Network
import Studio
import XMPP

/// Everything `jinglecam stream` was told, checked.
package struct StreamConfiguration: Sendable {
  package var peer: JID
  package var account: Account
  package var video: VideoConfiguration
  package var connectivity: ConnectivityConfiguration
  package var duration: TimeAmount?
  package var ringTimeout: TimeAmount
  /// Offer `senders='initiator'` from the start.
  package var oneWay: Bool
  /// Where the peer is heard; nil: nowhere.
  package var speaker: SpeakerConfiguration?

  package init(
    peer: JID, account: Account, video: VideoConfiguration, connectivity: ConnectivityConfiguration,
    duration: TimeAmount?, ringTimeout: TimeAmount, oneWay: Bool, speaker: SpeakerConfiguration? = nil
  ) {
    self.peer = peer
    self.account = account
    self.video = video
    self.connectivity = connectivity
    self.duration = duration
    self.ringTimeout = ringTimeout
    self.oneWay = oneWay
    self.speaker = speaker
  }
}
