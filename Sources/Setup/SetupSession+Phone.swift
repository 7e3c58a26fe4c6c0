import Server

/// What is to be done on the phone.
extension SetupSession {
  /// - Parameter status: that of the service; nil: it does not run, or says nothing.
  func showContact(_ plan: SetupPlan, _ former: FormerSettings, _ status: ServiceStatus?) {
    let jid = plan.account.jid.bare
    if let style = output.style, let code = QRCode(plan.link), code.columns <= style.columns {
      output.show([""] + code.lines(style.colours) + ["", "Scan it with the phone, or open \(plan.link)", ""])
    }
    var step = SetupStep(.contact, "add \(jid) to the contacts of the phone: \(plan.link)")
    step.jid = jid.description
    step.link = plan.link
    output.report(step)
    if let pairing = status?.pairing {
      let minutes = (pairing.expiresIn + 59) / 60
      var step = SetupStep(
        .pairing,
        "write \(pairing.code) to it in a chat within \(minutes) minute\(minutes == 1 ? "" : "s"), and you are its admin"
      )
      step.jid = jid.description
      step.code = pairing.code
      step.expiresIn = pairing.expiresIn
      output.report(step)
      return
    }
    let viewers = plan.allow ?? former.allow
    if !viewers.isEmpty {
      output.show([
        "The camera asks \(viewers.map(\.jid.text).joined(separator: ", ")) to become its contact: accept that in the client.",
        "It calls whoever adds it, once; later press its call button, or write \"call me\" to \(jid).",
      ])
    } else if let status, status.allowed > 0 {
      output.show(["Those may watch whom an admin has allowed by chat."])
    } else {
      let journal = files.paths.unit.map { "journalctl -u \($0)" } ?? "its log"
      output.show([
        "Nobody may watch yet. The service has a one-time code (\(journal) shows it): send it to \(jid)",
        "in a chat within ten minutes of its start, and you are its admin.",
      ])
    }
  }
}
