/// The version of this program, which people, clients and metrics are told.
package enum Version {
  package static let text = "0.1.0"
}
