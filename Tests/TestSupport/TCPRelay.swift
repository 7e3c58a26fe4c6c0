import NIOCore
import NIOPosix

/// Stands between a client and a server on loopback, so that their TCP connection can be cut and the server stays.
package actor TCPRelay {
  /// Everything runs on this loop.
  private let loop: any EventLoop
  private let listener: any Channel
  private let state: NIOLoopBound<State>

  package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }
  package nonisolated var port: Int { listener.localAddress?.port ?? 0 }

  package enum Direction: Sendable {
    case toServer, toClient
  }

  private final class State {
    var channels: [any Channel] = []
    var isSwallowing = false
    /// What waits for the release; nil: nothing has to.
    var held: [() -> Void]?
    let swallowed: AsyncStream<Direction>.Continuation
    let delayed: AsyncStream<Direction>.Continuation

    init(_ swallowed: AsyncStream<Direction>.Continuation, _ delayed: AsyncStream<Direction>.Continuation) {
      self.swallowed = swallowed
      self.delayed = delayed
    }
  }

  /// Which way each piece was going that never came there.
  package nonisolated let swallowed: AsyncStream<Direction>
  /// Which way each piece was going that was held.
  package nonisolated let delayed: AsyncStream<Direction>

  package static func start(to port: Int, on loop: any EventLoop) async throws -> TCPRelay {
    let (swallowed, continuation) = AsyncStream.makeStream(of: Direction.self)
    let (delayed, delayedContinuation) = AsyncStream.makeStream(of: Direction.self)
    return try await loop.flatSubmit {
      let state = NIOLoopBound(State(continuation, delayedContinuation), eventLoop: loop)
      return ServerBootstrap(group: loop, childGroup: loop)
        .childChannelInitializer { accepted in
          accepted.eventLoop.makeCompletedFuture {
            // The client's first words may come before the server is there.
            let connected = ClientBootstrap(group: loop)
              .channelInitializer { connected in
                connected.eventLoop.makeCompletedFuture {
                  state.value.channels += [accepted, connected]
                  let pipe = Pipe(.toClient, loop.makeSucceededFuture(accepted), state.value)
                  try connected.pipeline.syncOperations.addHandler(pipe)
                }
              }
              .connect(host: "127.0.0.1", port: port)
            try accepted.pipeline.syncOperations.addHandler(Pipe(.toServer, connected, state.value))
          }
        }
        .bind(host: "127.0.0.1", port: 0)
        .map { TCPRelay(loop, $0, state, swallowed, delayed) }
    }.get()
  }

  private init(
    _ loop: any EventLoop, _ listener: any Channel, _ state: NIOLoopBound<State>, _ swallowed: AsyncStream<Direction>,
    _ delayed: AsyncStream<Direction>
  ) {
    self.loop = loop
    self.listener = listener
    self.state = state
    self.swallowed = swallowed
    self.delayed = delayed
  }

  /// From now on nothing comes through until ``release()``.
  package func hold() {
    state.value.held = []
  }

  package func release() {
    let held = state.value.held.take() ?? []
    held.forEach { $0() }
  }

  /// From now on nothing comes through, and nobody is told.
  package func swallow() {
    state.value.isSwallowing = true
  }

  /// Ends every connection; new ones are as good as ever.
  package func cut() {
    for channel in state.value.channels { channel.close(promise: nil) }
    state.value.channels.removeAll()
    state.value.isSwallowing = false
  }

  package func stop() async throws {
    cut()
    try await listener.close()
  }

  private final class Pipe: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let direction: Direction
    private let other: EventLoopFuture<any Channel>
    private let state: State

    init(_ direction: Direction, _ other: EventLoopFuture<any Channel>, _ state: State) {
      self.direction = direction
      self.other = other
      self.state = state
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !state.isSwallowing else {
        state.swallowed.yield(direction)
        return
      }
      let (bytes, other) = (unwrapInboundIn(data), other)
      let pass = { other.whenSuccess { $0.writeAndFlush(bytes, promise: nil) } }
      guard state.held != nil else { return pass() }
      state.held?.append(pass)
      state.delayed.yield(direction)
    }

    func channelInactive(context: ChannelHandlerContext) {
      other.whenSuccess { $0.close(promise: nil) }
    }
  }
}
