import Account
import Studio

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

  package init(
    account: Account, video: VideoConfiguration, connectivity: ConnectivityConfiguration, access: AccessList,
    maximumViewers: Int = 4, callsPerMinute: Int = 6, metrics: MetricsAddress? = nil
  ) {
    self.account = account
    self.video = video
    self.connectivity = connectivity
    self.access = access
    self.maximumViewers = maximumViewers
    self.callsPerMinute = callsPerMinute
    self.metrics = metrics
  }
}
