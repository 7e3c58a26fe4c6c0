import Glibc
import NIOCore

// What libFuzzer calls, whose main function this program has. FUZZ_TARGET names the target; FUZZ_SEEDS is a directory
// for its seeds, and FUZZ_WORDS a file for its dictionary: both are written before libFuzzer reads them.

private let target: FuzzTarget = {
  let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    print("FUZZ_TARGET is one of: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
    // libFuzzer ends a process that exits by itself without writing what is buffered.
    fflush(nil)
    exit(64)
  }
  return target
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutableRawPointer) -> CInt {
  let seeds = target.seeds()
  if let directory = getenv("FUZZ_SEEDS").map({ String(cString: $0) }) {
    for (number, seed) in seeds.enumerated() { write(seed, to: "\(directory)/seed-\(number)") }
  }
  if let file = getenv("FUZZ_WORDS").map({ String(cString: $0) }) {
    // A dictionary without a line would be an error.
    let lines = ["# \(target.name)"] + target.words.map { "\"\(escaped($0))\"" }
    write(Array(lines.map { $0 + "\n" }.joined().utf8), to: file)
  }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count)))
  return 0
}

private func write(_ octets: [UInt8], to path: String) {
  guard let file = fopen(path, "w"), fwrite(octets, 1, octets.count, file) == octets.count, fclose(file) == 0 else {
    print("\(path) cannot be written")
    exit(73)
  }
}

/// As a dictionary of libFuzzer wants it.
private func escaped(_ word: String) -> String {
  word.utf8.map { octet in
    let isPlain = (0x20...0x7E).contains(octet) && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "\\")
    let digits = String(octet, radix: 16, uppercase: true)
    return isPlain ? String(UnicodeScalar(octet)) : "\\x\(digits.count == 1 ? "0" : "")\(digits)"
  }.joined()
}
