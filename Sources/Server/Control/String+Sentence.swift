extension String {
  /// With a capital letter and a full stop, as people write to each other.
  var sentence: String {
    guard let first else { return self }
    return first.uppercased() + dropFirst() + (".!?".contains(last ?? ".") ? "" : ".")
  }
}
