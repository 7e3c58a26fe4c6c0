import ICE
import NIOCore
import NIOPosix
import Peer
import TestSupport
import Testing

@testable import Network

@Suite("The sockets of a call")
struct EngineDriverTests {
  /// Resolves with the first STUN success response that arrives.
  private final class Answers: ChannelInboundHandler, @unchecked Sendable {
    // Unchecked: all of it happens on the event loop.
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    var pending: (id: TransactionID, promise: EventLoopPromise<Void>)?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard let pending, let message = try? STUNMessage(parsing: unwrapInboundIn(data).data),
        message.messageClass == .success, message.transactionID == pending.id
      else { return }
      self.pending = nil
      pending.promise.succeed()
    }
  }

  @Test("go on answering checks through a thousand random and a thousand mutated datagrams", .timeLimit(.minutes(1)))
  func noise() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let connection = try PeerConnection.forTests()
    let parameters = try #require(connection.localParameters(of: .video))
    let (candidates, continuation) = AsyncStream.makeStream(of: SocketAddress.self)
    let driver = EngineDriver(connection, on: loop) { event in
      if case .localCandidate(_, let candidate) = event { continuation.yield(candidate.address) }
    }
    let loopback = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
    try await driver.open(addresses: [loopback])
    let target = try #require(await candidates.first { _ in true })
    let answers = Answers()
    let channel = try await DatagramBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(answers) }
      }
      .bind(to: loopback).get()

    var generator = SeededGenerator(seed: 1)
    // In order, so that the answer to the last shows that all have been read; few, so that none is lost.
    let rounds = (0..<100).map { round in
      let request = Self.request(parameters, &generator)
      let datagrams = (0..<20).map { _ in
        round % 2 == 0 ? Self.random(&generator) : Self.mutated(request.encoded, &generator)
      }
      return (id: request.id, datagrams: datagrams + [request.encoded])
    }
    // All on the loop: a task would wait for the threads of other tests after each round.
    try await rounds.reduce(loop.makeSucceededVoidFuture()) { former, round in
      former.flatMap {
        let answered = loop.makePromise(of: Void.self)
        answers.pending = (round.id, answered)
        for datagram in round.datagrams {
          channel.write(AddressedEnvelope(remoteAddress: target, data: datagram), promise: nil)
        }
        channel.flush()
        return answered.futureResult
      }
    }.get()
    try await channel.close().get()
    await driver.close()
  }

  private static func request(
    _ parameters: ICEParameters, _ generator: inout SeededGenerator
  ) -> (id: TransactionID, encoded: ByteBuffer) {
    let id = TransactionID(using: &generator)
    let message = STUNMessage(
      .request, .binding, transactionID: id,
      attributes: [.username("\(parameters.usernameFragment):x"), .priority(1), .iceControlled(1)])
    return (id, message.encoded(integrityKey: IntegrityKey(password: parameters.password), fingerprint: true))
  }

  /// Nothing at all, what fits, and what is longer than any datagram should be.
  private static func random(_ generator: inout SeededGenerator) -> ByteBuffer {
    let length = Int.random(in: 0..<20, using: &generator) == 0 ? 5_000 : Int.random(in: 0...1_300, using: &generator)
    return ByteBuffer(bytes: (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  private static func mutated(_ datagram: ByteBuffer, _ generator: inout SeededGenerator) -> ByteBuffer {
    var copy = datagram
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      copy.setInteger(
        UInt8.random(in: 0...255, using: &generator), at: Int.random(in: 0..<copy.writerIndex, using: &generator))
    }
    return copy.getSlice(at: 0, length: Int.random(in: 1...copy.writerIndex, using: &generator)) ?? copy
  }
}
