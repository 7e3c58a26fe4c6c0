import NIOCore

/// `jinglecam check` from afar.
extension CameraServer {
  /// Its lines, after at most 30 seconds.
  func check() async -> String {
    guard let client, !isChecking else { return "a check is under way; try again in a while" }
    isChecking = true
    defer { isChecking = false }
    let (lines, output) = AsyncStream.makeStream(of: String.self)
    let connectivity = configuration.connectivity
    let round = CheckRound(
      configuration: .init(
        account: nil, peer: nil, stunServers: [], turnServers: connectivity.turnServers,
        icePolicy: connectivity.icePolicy, relaxedTURN: connectivity.relaxedTURN, caFile: configuration.account.caFile,
        interval: nil),
      password: nil, reporter: CheckReporter(json: false) { output.yield($0) }, logger: logger, eventLoop: eventLoop,
      client: client)
    do throws(CommandError) {
      _ = try await round.run()
    } catch {
      output.yield(error.description)
    }
    output.finish()
    return await lines.reduce(into: []) { $0.append($1) }.joined(separator: "\n")
  }
}
