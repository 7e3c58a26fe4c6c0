/// `ClientKey` and `ServerKey` of RFC 5802 section 3: as good as the password towards one server.
package struct SCRAMKeys: Hashable, Sendable {
  let client: [UInt8]
  let server: [UInt8]
}
