import Glibc
import ICE
import NIOCore
import Testing

@testable import Network

@Suite("Datagrams in bursts")
struct DatagramBurstTests {
  private static func datagram(_ size: Int, of letter: Character = "a", endpoint: UInt32 = 1, port: Int = 9) throws
    -> Transmit
  {
    Transmit(
      endpoint: LocalEndpoint(id: endpoint), remote: try SocketAddress(ipAddress: "127.0.0.1", port: port),
      payload: ByteBuffer(repeating: letter.asciiValue!, count: size))
  }

  private static func burst(of sizes: [Int]) throws -> (burst: DatagramBurst, accepted: [Bool]) {
    var burst = DatagramBurst()
    let accepted = try sizes.map { burst.append(try datagram($0)) }
    return (burst, accepted)
  }

  @Test(
    "all are of one size but the last, which may be shorter and ends it",
    arguments: [
      ([100, 100, 100], [true, true, true]),
      ([100, 100, 40, 40], [true, true, true, false]),
      ([100, 40, 100], [true, true, false]),
      ([100, 101], [true, false]),
      ([100, 0], [true, false]),
    ])
  func sizes(sizes: [Int], accepted: [Bool]) throws {
    #expect(try Self.burst(of: sizes).accepted == accepted)
  }

  @Test("one goes to one address from one socket")
  func destinations() throws {
    var burst = try Self.burst(of: [100]).burst
    #expect(!burst.append(try Self.datagram(100, endpoint: 2)))
    #expect(!burst.append(try Self.datagram(100, port: 10)))
    #expect(burst.append(try Self.datagram(100)))
  }

  @Test("the kernel's limits hold: 64 segments, and one IP packet's length")
  func limits() throws {
    #expect(try Self.burst(of: Array(repeating: 10, count: 65)).accepted.count(where: \.self) == 64)
    #expect(try Self.burst(of: Array(repeating: 1_200, count: 64)).accepted.count(where: \.self) == 54)
  }

  @Test("on a connection they follow one another")
  func joined() throws {
    let burst = try Self.burst(of: [100, 40]).burst
    #expect(burst.joined(allocator: ByteBufferAllocator())?.readableBytes == 140)
  }

  @Test("emptied, it takes whatever comes")
  func reuse() throws {
    var burst = try Self.burst(of: [100, 40]).burst
    burst.removeAll()
    #expect(burst.append(try Self.datagram(1_000, endpoint: 2, port: 10)))
    #expect(burst.datagrams.count == 1)
  }

  @Test(
    "a kernel that cannot is known by its answer, and a path that takes only smaller packets",
    arguments: [
      EIO, EINVAL, EMSGSIZE,
    ])
  func refusals(code: CInt) {
    #expect(DatagramBurst.isRefusal(code))
  }

  @Test("other errors say nothing about bursts", arguments: [0, ENETUNREACH, EPERM, ENOBUFS, ECONNREFUSED, EAGAIN])
  func otherErrors(code: CInt) {
    #expect(!DatagramBurst.isRefusal(code))
  }
}
