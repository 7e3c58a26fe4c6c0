import Network
import Studio
import XMPP

/// Everything `jinglecam serve` was told, checked.
package struct ServeConfiguration: Sendable {
  package var account: Account
  package var video: VideoConfiguration
  package var connectivity: ConnectivityConfiguration
  package var access: AccessList
  /// Who watch at a time.
  package var maximumViewers: Int
  /// The most calls of one account in a minute.
  package var callsPerMinute: Int
  /// Where metrics can be read; nil: nowhere.
  package var metrics: MetricsAddress?
  /// Where those are heard who may speak; nil: nowhere.
  package var speaker: SpeakerConfiguration?
  /// The lowest role whose members may speak.
  package var talkRole: AccessList.Role

  package init(
    account: Account, video: VideoConfiguration, connectivity: ConnectivityConfiguration, access: AccessList,
    maximumViewers: Int = 4, callsPerMinute: Int = 6, metrics: MetricsAddress? = nil,
    speaker: SpeakerConfiguration? = nil, talkRole: AccessList.Role = .admin
  ) {
    self.account = account
    self.video = video
    self.connectivity = connectivity
    self.access = access
    self.maximumViewers = maximumViewers
    self.callsPerMinute = callsPerMinute
    self.metrics = metrics
    self.speaker = speaker
    self.talkRole = talkRole
  }

  /// Whether a person may speak through the loudspeaker, if there is one.
  ///
  /// - Parameter access: who may what; the settings' list, and perhaps more.
  package func mayTalk(_ person: JID, by access: AccessList) -> Bool {
    access.role(of: person).map { $0 >= talkRole } ?? false
  }
}
