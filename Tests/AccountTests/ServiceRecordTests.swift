import Network
import Testing

@testable import Account

@Suite("SRV records, RFC 2782 and XEP-0368")
struct ServiceRecordTests {
  /// A DNS answer by hand: header, question, then records whose names point back to it.
  static func message(_ records: [(priority: UInt16, weight: UInt16, port: UInt16, target: String)]) -> [UInt8] {
    func name(_ text: String) -> [UInt8] {
      text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }
    func word(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
    var bytes = word(1) + word(0x8180) + word(1) + word(UInt16(records.count)) + word(0) + word(0)
    bytes += name("_xmpp-client._tcp.example.org") + word(33) + word(1)
    for record in records {
      let data = word(record.priority) + word(record.weight) + word(record.port) + name(record.target)
      bytes += word(0xC00C) + word(33) + word(1) + word(0) + word(60) + word(UInt16(data.count)) + data
    }
    return bytes
  }

  @Test("reads the records of an answer")
  func parse() {
    let records = ServiceRecord.parse(Self.message([(10, 5, 5222, "a.example.net"), (0, 0, 0, "")]))
    #expect(
      records == [
        ServiceRecord(priority: 10, weight: 5, port: 5222, target: "a.example.net"),
        ServiceRecord(priority: 0, weight: 0, port: 0, target: ""),
      ])
  }

  @Test("a truncated or corrupt answer has no records beyond what is whole, and nothing worse")
  func corrupt() {
    let whole = Self.message([(10, 5, 5222, "a.example.net"), (20, 5, 5222, "b.example.net")])
    for length in 0..<whole.count { #expect(ServiceRecord.parse(Array(whole.prefix(length))).count <= 1) }
    for index in whole.indices {
      for value: UInt8 in [0, 0xC0, 0xFF] {
        var bad = whole
        bad[index] = value
        #expect(ServiceRecord.parse(bad).count <= 2)
      }
    }
  }

  /// Gives these numbers, as often as asked.
  struct Fixed: RandomNumberGenerator {
    var value: UInt64
    mutating func next() -> UInt64 { value }
  }

  func record(_ priority: UInt16, _ weight: UInt16, _ target: String) -> ServiceRecord {
    ServiceRecord(priority: priority, weight: weight, port: 1, target: target)
  }

  @Test("the lowest priority first, direct TLS and STARTTLS as one set")
  func priority() {
    var generator = SystemRandomNumberGenerator()
    let targets = ConnectionTarget.order(
      direct: [record(20, 0, "d20"), record(5, 0, "d5")], startTLS: [record(10, 9, "s10"), record(30, 0, "s30")],
      using: &generator)
    #expect(targets?.map(\.host) == ["d5", "s10", "d20", "s30"])
    #expect(targets?.map(\.isDirectTLS) == [true, false, true, false])
  }

  @Test("among equals by weight: a heavy one first more often, a weightless one hardly ever, none lost")
  func weight() {
    var generator = SystemRandomNumberGenerator()
    var first: [String: Int] = [:]
    for _ in 0..<2000 {
      let targets = ConnectionTarget.order(
        direct: [], startTLS: [record(1, 30, "b"), record(1, 0, "z"), record(1, 70, "a")], using: &generator)
      #expect(Set(targets?.map(\.host) ?? []) == ["a", "b", "z"])
      first[targets?.first?.host ?? "", default: 0] += 1
    }
    #expect((1250...1550).contains(first["a"] ?? 0))
    #expect((450...750).contains(first["b"] ?? 0))
    #expect((first["z"] ?? 0) < 60)
    var zero = Fixed(value: 1)
    #expect(
      ConnectionTarget.order(direct: [], startTLS: [record(1, 70, "a"), record(1, 0, "z")], using: &zero)?.first?.host
        == "z")
  }

  @Test("a target of . is no service; no records at all are no opinion")
  func noService() {
    var generator = SystemRandomNumberGenerator()
    #expect(ConnectionTarget.order(direct: [], startTLS: [], using: &generator) == nil)
    #expect(ConnectionTarget.order(direct: [], startTLS: [record(0, 0, "")], using: &generator) == [])
    #expect(ConnectionTarget.order(direct: [record(0, 0, "")], startTLS: [], using: &generator) == nil)
    let direct = ConnectionTarget.order(
      direct: [record(0, 0, "d")], startTLS: [record(0, 0, "")], using: &generator)
    #expect(direct?.map(\.host) == ["d"])
  }
}
