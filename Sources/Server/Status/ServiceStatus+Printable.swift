import Network

extension ServiceStatus {
  /// The status with every text in it as ``PrintableText``.
  var printable: ServiceStatus {
    var status = self
    status.program = PrintableText.from(program)
    status.jid = PrintableText.from(jid)
    status.state = PrintableText.from(state)
    status.microphoneTrouble = microphoneTrouble.map { PrintableText.from($0) }
    status.source = PrintableText.from(source)
    status.pairing = pairing.map { PairingCode(code: PrintableText.from($0.code), expiresIn: $0.expiresIn) }
    status.calls = calls.map(\.printable)
    status.events = events.map(\.printable)
    return status
  }
}

extension ServiceStatus.Call {
  fileprivate var printable: Self {
    var call = self
    call.jid = PrintableText.from(jid)
    call.qualityLimitationReason = qualityLimitationReason.map { PrintableText.from($0) }
    call.path = path.map { PrintableText.from($0) }
    return call
  }
}

extension ServiceStatus.Event {
  fileprivate var printable: Self {
    let fields = metadata.map { (PrintableText.from($0.key), PrintableText.from($0.value)) }
    return Self(
      time: time, level: PrintableText.from(level), text: PrintableText.from(text),
      metadata: Dictionary(fields) { first, _ in first })
  }
}
