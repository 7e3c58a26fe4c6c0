import NIOCore
import Studio

/// What people read beside the camera's name (RFC 6121 section 4.7.2.2).
extension CameraServer {
  /// Viewers may come and go; presence goes to everybody each time.
  private static let statusInterval = TimeAmount.seconds(5)

  var state: String {
    broadcast.assumeIsolated { broadcast in
      if broadcast.isSourceLost || !sourceState.isPresent { return "no camera" }
      return broadcast.watching == 0 ? "ready" : "\(broadcast.watching) watching"
    }
  }

  func watchState() {
    show(state)
    let (eventLoop, logger) = (eventLoop, logger)
    broadcast.assumeIsolated { broadcast in
      broadcast.onEvent = { [weak self] event in
        switch event {
        case .changed:
          guard let self else { return }
          // Later, since it tells in the middle of what it does.
          eventLoop.execute { self.assumeIsolated { $0.tellState() } }
        case .trouble(let trouble): logger.log(level: trouble == nil ? .notice : .warning, "\(trouble.line)")
        case .microphoneTrouble(let trouble):
          logger.log(level: trouble == nil ? .notice : .warning, "\(trouble.line)")
        case .remark(let remark): logger.notice("\(remark)")
        case .detail(let detail): logger.debug("\(detail)")
        case .failed(let error):
          logger.error("\(error)")
          self?.assumeIsolated { $0.sourceFailed(error) }
        }
      }
    }
  }

  /// A new session begins with what was told last; a resumed one does not say it again.
  func tellState() {
    let shown = connection.assumeIsolated { $0.status }
    guard client != nil, statusPause == nil, shown != state else { return }
    show(state)
    client?.announce(status: state)
    statusPause = eventLoop.scheduleTask(in: Self.statusInterval) { [weak self] in
      self?.assumeIsolated { server in
        server.statusPause = nil
        server.tellState()
      }
    }
  }

  private func show(_ state: String) {
    connection.assumeIsolated { $0.status = state }
  }
}
