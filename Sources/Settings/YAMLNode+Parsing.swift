import CYAML

/// Parsing by libyaml, whose nodes know their line. Yams wraps the same library and brings 40 MB of Foundation.
extension YAMLNode {
  struct ParsingError: Error {
    var line: Int
    var problem: String

    /// What to look for, in the words of people who do not know YAML's grammar; nil if the problem says it.
    var cure: String? {
      switch problem {
      case "found character that cannot start any token":
        "indent with spaces and not with tabs, and put a value that begins with a special character in quotes"
      case "mapping values are not allowed in this context", "could not find expected ':'":
        "check the indentation, and the space after ':', here and in the line above"
      case "found unexpected end of stream": "a quotation mark that was opened above is not closed"
      case "did not find expected key", "did not find expected '-' indicator":
        "check the indentation here and in the lines above"
      case "did not find expected node content": "a bracket that was opened is not closed, or a value is missing"
      default: nil
      }
    }
  }

  /// Deeper is no configuration; an alias may also refer to what it stands in.
  private static let maximumDepth = 8
  /// Aliases of lists of aliases make far more nodes than there are in the file.
  private static let maximumNodes = 1 << 16

  /// Nil where the text has no content.
  init?(parsing text: String) throws(ParsingError) {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { throw ParsingError(line: 1, problem: "no memory") }
    defer { yaml_parser_delete(&parser) }
    var document = yaml_document_t()
    var text = text
    let isLoaded = text.withUTF8 { bytes in
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      return yaml_parser_load(&parser, &document) == 1
    }
    guard isLoaded else {
      let problem = parser.problem.map { String(cString: $0) } ?? "no YAML"
      throw ParsingError(line: Int(parser.problem_mark.line) + 1, problem: problem)
    }
    defer { yaml_document_delete(&document) }
    guard let root = yaml_document_get_root_node(&document) else { return nil }
    var count = 0
    self = try Self.make(root.pointee, of: &document, depth: 0, count: &count)
  }

  private static func make(
    _ node: yaml_node_t, of document: inout yaml_document_t, depth: Int, count: inout Int
  ) throws(ParsingError) -> YAMLNode {
    let line = Int(node.start_mark.line) + 1
    guard depth < maximumDepth else { throw ParsingError(line: line, problem: "it is nested too deeply") }
    count += 1
    guard count <= maximumNodes else { throw ParsingError(line: line, problem: "it has too many values") }
    switch node.type {
    case YAML_SEQUENCE_NODE:
      var nodes: [YAMLNode] = []
      var item = node.data.sequence.items.start
      while let index = item, index < node.data.sequence.items.top {
        nodes.append(try make(index.pointee, of: &document, depth: depth, count: &count))
        item = index + 1
      }
      return YAMLNode(content: .sequence(nodes), line: line)
    case YAML_MAPPING_NODE:
      var pairs: [(key: YAMLNode, value: YAMLNode)] = []
      var item = node.data.mapping.pairs.start
      while let pair = item, pair < node.data.mapping.pairs.top {
        pairs.append(
          (
            try make(pair.pointee.key, of: &document, depth: depth, count: &count),
            try make(pair.pointee.value, of: &document, depth: depth, count: &count)
          ))
        item = pair + 1
      }
      return YAMLNode(content: .mapping(pairs), line: line)
    default:
      let bytes = UnsafeRawBufferPointer(start: node.data.scalar.value, count: node.data.scalar.length)
      return YAMLNode(content: .scalar(String(decoding: bytes, as: UTF8.self)), line: line)
    }
  }

  private static func make(
    _ index: CInt, of document: inout yaml_document_t, depth: Int, count: inout Int
  ) throws(ParsingError) -> YAMLNode {
    guard let node = yaml_document_get_node(&document, index) else {
      throw ParsingError(line: 1, problem: "no such node")
    }
    return try make(node.pointee, of: &document, depth: depth + 1, count: &count)
  }
}
