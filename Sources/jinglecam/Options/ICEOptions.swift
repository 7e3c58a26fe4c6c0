import ArgumentParser
import ICE
import Settings

/// How a path to the viewer may be found.
struct ICEOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which paths to use; relay: only those through a TURN server (default: all).", valueName: "policy"))
  var icePolicy: ICETransportPolicy?

  @Option(
    help: ArgumentHelp(
      "An additional TURN server; the XMPP server's own are used anyway. May be repeated.",
      discussion:
        "turn:HOST[:PORT], turn:HOST[:PORT]?transport=tcp or turns:HOST[:PORT]. Its credentials come from JINGLECAM_TURN_USERNAME and JINGLECAM_TURN_PASSWORD.",
      valueName: "uri"))
  var turn: [String] = []

  @Flag(help: "Accept unsigned answers from TURN servers such as MongooseICE.")
  var turnRelaxed = false

  func configuration() throws(SettingError) -> ConnectivityConfiguration {
    ConnectivityConfiguration(icePolicy: icePolicy ?? .all, turnServers: try turnServers(), relaxedTURN: turnRelaxed)
  }

  func turnServers() throws(SettingError) -> [TURNServer] {
    guard !turn.isEmpty else { return [] }
    var uris: [TURNURI] = []
    for text in turn {
      uris.append(try TURNURI(parsing: text))
    }
    let username = Password.environment("JINGLECAM_TURN_USERNAME")
    let password = Password.environment("JINGLECAM_TURN_PASSWORD")
    guard let username, let password else {
      throw SettingError(
        of: .option("turn"), "needs credentials: set JINGLECAM_TURN_USERNAME and JINGLECAM_TURN_PASSWORD",
        .configuration)
    }
    return uris.map { .init(uri: $0, credentials: TURNCredentials(username: username, password: password)) }
  }
}

extension ICETransportPolicy: ExpressibleByArgument {}
