import NIOCore

/// An input taken apart: what is done in which order, how long is waited, and what is received. Behind its end all is
/// zero.
struct FuzzInput {
  private var rest: ByteBuffer

  init(_ bytes: ByteBuffer) {
    rest = bytes
  }

  var isAtEnd: Bool { rest.readableBytes == 0 }

  mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) -> Integer {
    rest.readInteger(as: type) ?? 0
  }

  mutating func flag() -> Bool { integer(UInt8.self) & 1 == 1 }

  mutating func choice<Choices: Collection>(of choices: Choices) -> Choices.Element {
    choices[choices.index(choices.startIndex, offsetBy: Int(integer(UInt8.self)) % choices.count)]
  }

  /// From a millisecond to half a minute.
  mutating func time() -> TimeAmount { .milliseconds(1 << Int64(integer(UInt8.self) & 15)) }

  /// Up to 255 octets, or all that are left.
  mutating func chunk() -> ByteBuffer {
    let length = integer(UInt8.self)
    return rest.readSlice(length: min(Int(length), rest.readableBytes)) ?? ByteBuffer()
  }

  mutating func remainder() -> ByteBuffer {
    rest.readSlice(length: rest.readableBytes) ?? ByteBuffer()
  }
}

extension NIODeadline {
  /// Long after the machine's start, so that no arithmetic works by the smallness of numbers.
  static let fuzzStart = NIODeadline.uptimeNanoseconds(1_000_000_000_000_000)
}

extension ByteBuffer {
  var octets: [UInt8] { Array(readableBytesView) }
}
