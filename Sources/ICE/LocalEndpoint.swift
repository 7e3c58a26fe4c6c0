/// Names a socket (later also a stream connection) that the driver opened; the driver chooses the number.
package struct LocalEndpoint: Hashable, Sendable {
  package let id: UInt32

  package init(id: UInt32) {
    self.id = id
  }
}
