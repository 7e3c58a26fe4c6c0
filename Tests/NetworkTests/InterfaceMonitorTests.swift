import Foundation
import NIOCore
import NIOPosix
import Peer
import Testing

@testable import Network

@Suite("Interfaces that change in mid-call")
struct InterfaceMonitorTests {
  @Test(
    "an address that comes is noticed, in a network namespace of the test's own",
    .enabled(if: NetworkNamespace.isPossible),
    .timeLimit(.minutes(1)))
  func monitor() async throws {
    let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    // Namespaces are the thread's, and a socket keeps that of the thread that made it.
    let (socket, proceed) = try await withCheckedThrowingContinuation {
      (made: CheckedContinuation<(CInt, DispatchSemaphore), any Error>) in
      Thread.detachNewThread {
        let proceed = DispatchSemaphore(value: 0)
        do {
          guard NetworkNamespace.leave() == 0 else { throw IOError(errnoCode: errno, reason: "unshare") }
          made.resume(returning: (try InterfaceMonitor.makeSocket(), proceed))
        } catch {
          return made.resume(throwing: error)
        }
        proceed.wait()
        Self.bringUpLoopback()
      }
    }
    let channel = try await InterfaceMonitor.open(socket, on: loop) { continuation.yield() }.get()
    proceed.signal()
    await changes.first { _ in true }
    try await channel.close().get()
  }

  /// RTM_NEWLINK with "change IFF_UP" for interface 1.
  private static func bringUpLoopback() {
    var message = ByteBuffer()
    message.writeMultipleIntegers(UInt32(32), UInt16(16), UInt16(1), UInt64(0), endianness: .host)
    message.writeMultipleIntegers(UInt32(0), UInt32(1), UInt32(1), UInt32(1), endianness: .host)
    let kernel = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0)
    _ = message.withUnsafeReadableBytes { send(kernel, $0.baseAddress, $0.count, 0) }
    close(kernel)
  }

  @Test("an address that is new gets a socket and a candidate, one that is gone loses both", .timeLimit(.minutes(1)))
  func follow() async throws {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let connection = try PeerConnection.forTests()
    let (candidates, continuation) = AsyncStream.makeStream(of: String.self)
    let driver = EngineDriver(connection, on: loop) { event in
      if case .localCandidate(_, let candidate) = event { continuation.yield(candidate.address.ipAddress ?? "") }
    }
    var candidate = candidates.makeAsyncIterator()
    let hosts = try ["127.0.0.1", "127.0.0.2", "127.0.0.3"].map { try SocketAddress(ipAddress: $0, port: 0) }
    try await driver.open(addresses: Array(hosts[...0]))
    #expect(await candidate.next() == "127.0.0.1")
    await driver.follow(Array(hosts[...1]))
    #expect(await candidate.next() == "127.0.0.2")
    // Told again while nothing has changed.
    await driver.follow(Array(hosts[...1]))
    // 127.0.0.1 is still there, but would not be offered any more.
    await driver.follow(Array(hosts[1...1]))
    #expect(await Self.socketCount(of: driver) == 2)
    await driver.follow(Array(hosts[1...]), isPresent: { _ in false })
    #expect(await candidate.next() == "127.0.0.3")
    #expect(Set(await Self.addresses(of: driver)) == ["127.0.0.2", "127.0.0.3"])
    #expect(await Self.socketCount(of: driver) == 2)
    await driver.close()
  }

  private static func socketCount(of driver: isolated EngineDriver<PeerConnection>) -> Int {
    driver.sockets.count
  }

  private static func addresses(of driver: isolated EngineDriver<PeerConnection>) -> [String] {
    driver.sockets.addresses.compactMap(\.ipAddress)
  }
}
