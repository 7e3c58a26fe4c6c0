import CResolv

/// A DNS SRV record, RFC 2782.
struct ServiceRecord: Hashable, Sendable {
  var priority: UInt16
  var weight: UInt16
  var port: UInt16
  /// Empty where the record says `.`: "the service is decidedly not available at this domain".
  var target: String

  /// The SRV records of a DNS message's answer section.
  static func parse(_ message: [UInt8]) -> [ServiceRecord] {
    message.withUnsafeBufferPointer { bytes -> [ServiceRecord] in
      var handle = ns_msg()
      guard let base = bytes.baseAddress, ns_initparse(base, Int32(bytes.count), &handle) == 0 else { return [] }
      var records: [ServiceRecord] = []
      for index in 0..<jc_ns_answer_count(&handle) {
        var record = ns_rr()
        // What follows an unreadable record cannot be found.
        guard ns_parserr(&handle, ns_s_an, index, &record) == 0 else { break }
        guard jc_ns_is_srv(&record) != 0, jc_ns_rdata_length(&record) > 6, let data = jc_ns_rdata(&record)
        else { continue }
        var name = [CChar](repeating: 0, count: Int(NS_MAXDNAME))
        guard dn_expand(base, base + bytes.count, data + 6, &name, Int32(name.count)) > 0 else { continue }
        let target = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        records.append(
          ServiceRecord(
            priority: UInt16(data[0]) << 8 | UInt16(data[1]), weight: UInt16(data[2]) << 8 | UInt16(data[3]),
            port: UInt16(data[4]) << 8 | UInt16(data[5]), target: target == "." ? "" : target))
      }
      return records
    }
  }
}
