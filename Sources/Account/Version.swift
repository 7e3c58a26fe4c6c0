/// Of this program, as people, clients and metrics are told it.
package enum Version {
  package static let text = "0.1.0"
}
