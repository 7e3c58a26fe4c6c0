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
    let swallowed: AsyncStream<Direction>.Continuation

    init(_ swallowed: AsyncStream<Direction>.Continuation) {
      self.swallowed = swallowed
    }
  }

  /// Which way each piece was going that never came there.
  package nonisolated let swallowed: AsyncStream<Direction>

  package static func start(to port: Int, on loop: any EventLoop) async throws -> TCPRelay {
    let (swallowed, continuation) = AsyncStream.makeStream(of: Direction.self)
    return try await loop.flatSubmit {
      let state = NIOLoopBound(State(continuation), eventLoop: loop)
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
        .map { TCPRelay(loop, $0, state, swallowed) }
    }.get()
  }

  private init(
    _ loop: any EventLoop, _ listener: any Channel, _ state: NIOLoopBound<State>, _ swallowed: AsyncStream<Direction>
  ) {
    self.loop = loop
    self.listener = listener
    self.state = state
    self.swallowed = swallowed
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
      let bytes = unwrapInboundIn(data)
      other.whenSuccess { $0.writeAndFlush(bytes, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
      other.whenSuccess { $0.close(promise: nil) }
    }
  }
}
