/// What somebody may have meant who wrote a word that is unknown.
package enum Spelling {
  /// Longer words are not looked at: the cost grows with the square of their length.
  private static let limit = 32

  /// The word that is nearest to `text`; nil if none is near.
  package static func closest(to text: String, among words: some Sequence<String>) -> String? {
    guard text.count <= limit else { return nil }
    let near = words.map { (word: $0, distance: distance(text, $0)) }
      .min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    guard let near, near.distance <= max(1, text.count / 3) else { return nil }
    return near.word
  }

  /// Levenshtein's distance: how many letters are to be inserted, removed or replaced.
  private static func distance(_ first: String, _ second: String) -> Int {
    let second = Array(second)
    var row = Array(0...second.count)
    for (index, letter) in first.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in second.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[second.count]
  }
}
