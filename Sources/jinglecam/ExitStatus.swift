/// How the program ends (sysexits.h; 130 is what a shell reports for SIGINT).
enum ExitStatus: Int32, Sendable {
  case success = 0
  /// `check`: only through a relay.
  case relayOnly = 10
  /// `check`: not at all.
  case noPath = 11
  /// `check`: the TURN server refuses the credentials.
  case relayCredentialsRefused = 12
  /// The command line is wrong.
  case usage = 64
  /// The input is there but is no video.
  case dataError = 65
  /// The input is not there.
  case noInput = 66
  /// A server or the peer cannot be reached, or no path for media was found.
  case unavailable = 69
  /// An error of our own.
  case software = 70
  /// A file that was asked for cannot be written.
  case cannotCreate = 73
  /// The peer is busy, declined or did not answer: trying later may help.
  case temporaryFailure = 75
  /// Somebody cannot prove who he is, or breaks the protocol.
  case protocolError = 76
  /// The account's credentials were refused.
  case noPermission = 77
  /// The configuration is wrong (no password, unreadable file).
  case configuration = 78
  /// Ctrl-C before the call was up.
  case interrupted = 130
}
