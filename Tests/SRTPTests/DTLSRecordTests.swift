import NIOCore
import Testing

@testable import SRTP

@Suite("DTLS records")
struct DTLSRecordTests {
  private static func record(type: UInt8 = 22, epoch: UInt8 = 0, number: UInt8, _ body: [UInt8]) -> [UInt8] {
    [type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, number, 0, UInt8(body.count)] + body
  }

  private static func joined(_ records: [UInt8]...) -> [UInt8] {
    Array(records.joined()).withUnsafeBytes { Array(DTLSRecord.joiningHandshake(in: $0).readableBytesView) }
  }

  @Test("neighbouring handshake messages share a record, with the first one's number")
  func joining() {
    let joined = Self.joined(
      Self.record(number: 1, [1, 2]), Self.record(number: 2, [3]), Self.record(number: 3, [4, 5, 6]))
    #expect(joined == Self.record(number: 1, [1, 2, 3, 4, 5, 6]))
  }

  @Test("ChangeCipherSpec, alerts and what is encrypted keep records of their own")
  func others() {
    let records = [
      Self.record(number: 1, [1]), Self.record(type: 20, number: 2, [1]), Self.record(epoch: 1, number: 0, [7, 8]),
      Self.record(epoch: 1, number: 1, [9]), Self.record(type: 21, number: 3, [1, 0]), Self.record(number: 4, [2]),
    ]
    #expect(Self.joined(Array(records.joined())) == Array(records.joined()))
  }

  @Test("handshake messages on both sides of ChangeCipherSpec are not joined across it")
  func across() {
    let (before, change) = (Self.record(number: 1, [1]), Self.record(type: 20, number: 2, [1]))
    let joined = Self.joined(before, change, Self.record(number: 3, [2]), Self.record(number: 4, [3]))
    #expect(joined == before + change + Self.record(number: 3, [2, 3]))
  }

  @Test("what is no whole record stays as it is", arguments: [0, 5, 12, 13, 14])
  func truncated(_ length: Int) {
    let record = Self.record(number: 1, [1, 2])
    let datagram = record + Self.record(number: 2, [3, 4]).prefix(length)
    #expect(Self.joined(datagram) == datagram)
  }
}
