import NIOCore

/// Stream management (XEP-0198), if the server offers it.
extension ClientStream {
  /// Sends a stanza. After the stream was interrupted, the stanza waits for the resumption.
  ///
  /// Answers to requests are dropped while the server owes many acknowledgements: their number is decided by others,
  /// and a stream that ended because of them would end for everybody.
  package mutating func send(_ stanza: XMLElement) -> Action {
    let stanza = spelledForServer(stanza)
    let isAnswer = stanza.iqType == .result || stanza.iqType == .error
    if isAnswer, management?.isCrowded == true { return .wait }
    do {
      try management?.send(stanza)
    } catch {
      return fail(error)
    }
    guard case .established = state else { return .wait }
    var bytes = ByteBuffer()
    XMLWriter.write(stanza, to: &bytes)
    writeRequest(to: &bytes)
    return .send(bytes)
  }

  /// Addresses the stanza with A-labels if the server's own name is configured like that, since it finds the users of
  /// its domain by that spelling alone.
  private func spelledForServer(_ stanza: XMLElement) -> XMLElement {
    let account = configuration.jid
    guard account.isInALabels, let to = stanza.to, to.domain == account.domain else { return stanza }
    var stanza = stanza
    stanza["to"] = to.inALabels.description
    return stanza
  }

  mutating func resume(_ features: XMLElement) -> Action {
    guard let former = configuration.resumption?.management else { return bind(features) }
    guard StreamManagement.isOffered(by: features), let request = former.resume else {
      lost = former.lost()
      return bind(features)
    }
    state = .resuming(former, features: features)
    return .send(XMLWriter.bytes(of: request))
  }

  mutating func resumed(
    _ former: StreamManagement, _ features: XMLElement, _ element: XMLElement
  ) -> Action {
    guard element.namespace == StreamManagement.namespace, let jid = configuration.resumption?.jid else {
      return fail(.unexpected(element.name))
    }
    switch element.name {
    case "resumed":
      var management = former
      do {
        try management.resumed(element)
      } catch {
        return fail(error)
      }
      var bytes = ByteBuffer()
      for stanza in management.unacknowledged { XMLWriter.write(stanza, to: &bytes) }
      self.management = management
      writeRequest(to: &bytes)
      state = .established
      return .established(Session(jid: jid, features: features, hadSCRAM: hadSCRAM, isResumed: true), bytes)
    case "failed":
      lost = former.lost(element)
      return bind(features)
    default: return fail(.unexpected(element.name))
    }
  }

  mutating func manage(_ element: XMLElement) -> Action {
    guard let management else { return .wait }
    switch element.name {
    case "enabled": self.management?.enabled(element)
    case "failed":
      self.management = nil
      return .wait
    case "r": return .send(XMLWriter.bytes(of: management.answer))
    case "a":
      do {
        try self.management?.acknowledge(element)
      } catch {
        return fail(error)
      }
    default: return .wait
    }
    var bytes = ByteBuffer()
    writeRequest(to: &bytes)
    return bytes.readableBytes > 0 ? .send(bytes) : .wait
  }

  private mutating func writeRequest(to bytes: inout ByteBuffer) {
    if let request = management?.pollRequest() { XMLWriter.write(request, to: &bytes) }
  }

  /// Ends the stream for good: a stream whose counters disagree cannot be resumed.
  private mutating func fail(_ error: StreamManagementError) -> Action {
    management = nil
    return fail(.management(error))
  }
}
