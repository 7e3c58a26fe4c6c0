import NIOCore
import NIOPosix
import Network
import Server
import XMPP

/// The service that `jinglecam setup` has started, as its socket shows it.
package struct StartedService: Sendable {
  /// How long a service that has been started may take to tell who may watch.
  private static let patience = TimeAmount.seconds(20)
  private static let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

  let unit: String
  /// Where its socket is.
  let directory: String
  /// Its account.
  let camera: JID

  /// The first status that tells who may watch, or how somebody comes to; nil if there is none within seconds.
  func firstStatus() async -> ServiceStatus? {
    let end = NIODeadline.now() + Self.patience
    while NIODeadline.now() < end, !Task.isCancelled {
      if case .success(let status) = await status(), status.allowed > 0 || status.pairing != nil { return status }
      // systemd may call it started before the socket is there, and the socket is there before the code.
      try? await Self.eventLoop.wait(.milliseconds(100))
    }
    return nil
  }

  /// Tells what happens from the first contact to the first call, until the person presses Enter or the task is
  /// cancelled, or ten minutes have passed.
  package func waitForCall(_ output: any SetupOutput) async {
    let isOver = await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await output.waitForEnter(
          "Waiting for the phone, for ten minutes at most. Press Enter to end; the service goes on.")
        return false
      }
      group.addTask { await follow(output) }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
    if !isOver { output.show(["\(unit) runs. To see the camera, call \(camera), or write \"call me\" to it."]) }
  }

  /// - Returns: whether the last line was told.
  private func follow(_ output: any SetupOutput) async -> Bool {
    var watch = FirstCallWatch(camera: camera, unit: unit, now: .now())
    while !Task.isCancelled {
      let status = await status()
      guard !Task.isCancelled else { return false }
      let lines: [String] =
        switch status {
        case .success(let status): watch.receive(status, now: .now())
        case .failure(let failure): watch.fail(failure)
        }
      if !lines.isEmpty { output.show(lines) }
      guard !watch.isOver else { return true }
      // The socket tells of no change, and the service's figures are new once a second.
      try? await Self.eventLoop.wait(.seconds(1))
    }
    return false
  }

  /// Away from the threads of tasks, since it waits.
  private func status() async -> Result<ServiceStatus, StatusSocket.Failure> {
    let status = try? await NIOThreadPool.singleton.runIfActive {
      Result { () throws(StatusSocket.Failure) in try StatusSocket.read(in: [directory]) }
    }
    return status ?? .failure(.notRunning([directory]))
  }
}
