/// The `ClientKey` and `ServerKey` of RFC 5802 section 3, which are equivalent to the password for one server.
package struct SCRAMKeys: Hashable, Sendable {
  let client: [UInt8]
  let server: [UInt8]
}
