import NIOCore

/// The status of one packet (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.1).
enum PacketStatus: UInt16 {
  case notReceived = 0
  /// Received, with a receive delta of eight bits, unsigned.
  case smallDelta = 1
  /// Received, with a receive delta of sixteen bits, signed.
  case largeDelta = 2
  case reserved = 3
}

/// The statuses of consecutive packets: a run length chunk or a status vector chunk
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 sections 3.1.3 and 3.1.4).
struct PacketStatusChunk {
  private static let vectorFlag: UInt16 = 0x8000
  private static let twoBitFlag: UInt16 = 0x4000
  private static let runLengthMask: UInt16 = 0x1FFF
  private static let oneBitCount = 14
  private static let twoBitCount = 7

  private let bits: UInt16

  /// - Throws: `RTPError.truncated`.
  init(parsing body: inout ByteBuffer) throws(RTPError) {
    guard let bits: UInt16 = body.readInteger() else { throw .truncated }
    self.bits = bits
  }

  /// Takes the first of `statuses`, as many as one chunk can tell.
  init(encoding statuses: inout ArraySlice<PacketStatus>) {
    let first = statuses.first ?? .notReceived
    let run = statuses.prefix(Int(Self.runLengthMask)).prefix { $0 == first }.count
    if run == statuses.count || run >= Self.oneBitCount || run >= Self.twoBitCount && first == .largeDelta {
      bits = first.rawValue << 13 | UInt16(run)
      statuses = statuses.dropFirst(run)
      return
    }
    let needsTwoBits = statuses.prefix(Self.oneBitCount).contains(.largeDelta)
    let width = needsTwoBits ? 2 : 1
    let symbols = statuses.prefix(needsTwoBits ? Self.twoBitCount : Self.oneBitCount)
    bits = symbols.enumerated().reduce(Self.vectorFlag | (needsTwoBits ? Self.twoBitFlag : 0)) { bits, symbol in
      bits | symbol.element.rawValue << (Self.oneBitCount - width * (symbol.offset + 1))
    }
    statuses = statuses.dropFirst(symbols.count)
  }

  private var isVector: Bool { bits & Self.vectorFlag != 0 }
  private var hasTwoBits: Bool { bits & Self.twoBitFlag != 0 }

  /// The number of packets.
  var count: Int {
    guard isVector else { return Int(bits & Self.runLengthMask) }
    return hasTwoBits ? Self.twoBitCount : Self.oneBitCount
  }

  /// Whether this is a run of packets that have not arrived, which can be skipped as a whole: two bytes stand for
  /// 8,191 packets.
  var isLossRun: Bool { bits & ~Self.runLengthMask == 0 }

  /// - Parameter index: less than ``count``.
  func status(at index: Int) -> PacketStatus {
    let symbol: UInt16 =
      if !isVector {
        bits >> 13
      } else if hasTwoBits {
        bits >> (2 * UInt16(Self.twoBitCount - 1 - index)) & 3
      } else {
        bits >> UInt16(Self.oneBitCount - 1 - index) & 1
      }
    return PacketStatus(rawValue: symbol) ?? .reserved
  }

  func write(to body: inout ByteBuffer) {
    body.writeInteger(bits)
  }
}
