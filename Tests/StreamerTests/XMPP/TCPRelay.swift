import NIOCore
import NIOPosix

/// Stands between a client and a server on loopback, so that their TCP connection can be cut and the server stays.
actor TCPRelay {
  /// Everything runs on this loop.
  private let loop: any EventLoop
  private let listener: any Channel
  private let state: NIOLoopBound<State>

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }
  nonisolated var port: Int { listener.localAddress?.port ?? 0 }

  private final class State {
    var channels: [any Channel] = []
    var isSwallowing = false
    let swallowed: AsyncStream<Int>.Continuation

    init(_ swallowed: AsyncStream<Int>.Continuation) {
      self.swallowed = swallowed
    }
  }

  /// The port to which each piece was going that never came there.
  nonisolated let swallowed: AsyncStream<Int>

  static func start(to port: Int, on loop: any EventLoop) async throws -> TCPRelay {
    let (swallowed, continuation) = AsyncStream.makeStream(of: Int.self)
    return try await loop.flatSubmit {
      let state = NIOLoopBound(State(continuation), eventLoop: loop)
      return ServerBootstrap(group: loop, childGroup: loop)
        .childChannelInitializer { accepted in
          ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: port).flatMapThrowing { connected in
            state.value.channels += [accepted, connected]
            try accepted.pipeline.syncOperations.addHandler(Pipe(to: connected, state.value))
            try connected.pipeline.syncOperations.addHandler(Pipe(to: accepted, state.value))
          }
        }
        .bind(host: "127.0.0.1", port: 0)
        .map { TCPRelay(loop, $0, state, swallowed) }
    }.get()
  }

  private init(
    _ loop: any EventLoop, _ listener: any Channel, _ state: NIOLoopBound<State>, _ swallowed: AsyncStream<Int>
  ) {
    self.loop = loop
    self.listener = listener
    self.state = state
    self.swallowed = swallowed
  }

  /// From now on nothing comes through, and nobody is told.
  func swallow() {
    state.value.isSwallowing = true
  }

  /// Ends every connection; new ones are as good as ever.
  func cut() {
    for channel in state.value.channels { channel.close(promise: nil) }
    state.value.channels.removeAll()
    state.value.isSwallowing = false
  }

  func stop() async throws {
    cut()
    try await listener.close()
  }

  private final class Pipe: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let state: State

    init(to other: any Channel, _ state: State) {
      self.other = other
      self.state = state
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !state.isSwallowing else {
        state.swallowed.yield(other.remoteAddress?.port ?? 0)
        return
      }
      other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
      other.close(promise: nil)
    }
  }
}
