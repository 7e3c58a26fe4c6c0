/// What the account's server does for `serve`, beyond carrying messages.
struct ServerReport: Sendable {
  var domain: String
  /// XEP-0198.
  var isResumable: Bool
  /// STUN and TURN services that it names, XEP-0215.
  var services: Int
  /// `turn` of the settings.
  var namedRelays: Int
  /// XEP-0363.
  var takesFiles: Bool

  var findings: [DoctorFinding] {
    let have = [
      isResumable ? "resumes streams (XEP-0198)" : nil,
      services > 0 ? "names \(services) STUN and TURN services (XEP-0215)" : nil,
      takesFiles ? "takes files (XEP-0363)" : nil,
    ].compactMap { $0 }
    let good = have.isEmpty ? [] : [DoctorFinding.ok(.server, "\(domain) \(have.joined(separator: ", "))")]
    return good + missing
  }

  private var missing: [DoctorFinding] {
    var findings: [DoctorFinding] = []
    if !isResumable {
      findings.append(
        .warning(
          .server, "\(domain) has no stream management (XEP-0198); who calls in an outage is not heard",
          fix: "its administrator can enable it (in Prosody smacks, in ejabberd mod_stream_mgmt)"))
    }
    if services == 0, namedRelays == 0 {
      findings.append(
        .warning(
          .server, "\(domain) names no STUN or TURN server (XEP-0215); few outside this network will see a picture",
          fix: "name a TURN server with --turn, or have its administrator do so (in Prosody turn_external, in ejabberd "
            + "mod_stun_disco)"))
    }
    if !takesFiles {
      findings.append(
        .warning(
          .server, "\(domain) takes no files (XEP-0363); the camera can send no snapshots",
          fix: "its administrator can enable it (in Prosody http_file_share, in ejabberd mod_http_upload)"))
    }
    return findings
  }
}
