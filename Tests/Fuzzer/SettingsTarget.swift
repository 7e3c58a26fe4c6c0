import NIOCore

@testable import Settings

extension FuzzTarget {
  /// The file of `jinglecam serve --config`: what is wrong is said in one line.
  static let settings = FuzzTarget(text: "settings", seeds: seeds, words: words) { bytes in
    do {
      let settings = try ConfigurationFile.parse(String(buffer: bytes), path: "settings")
      _ = try settings.configuration()
    } catch let error as SettingError {
      require(!error.description.contains("\n"), "more than one line: \(error)")
    } catch {
      fatalError("\(error)")
    }
  }

  private static let seeds = [
    "jid: cam@example.net\nsource: pattern:640x480@25\nallow:\n  - jid: ann@example.net\n    role: admin\n  - jid: example.org\n"
      + "controls:\n  brightness: 128\nserver: '[::1]:5222'\nsize: 640x480\nfps: 25\nrotate: 90\nbitrate: 1500k\nviewers: 4\n",
    "jid: cam@example.net\nsource: camera\nturn:\n  - uri: turns:turn.example.net:443\n    username: cam\n"
      + "    password-file: /dev/null\nice-policy: relay\nmetrics: 127.0.0.1:9090\ncalls-per-minute: 6\nallow: []\n",
    "a: &b [c, *b]\n? {d: e}\n: !!str |\n  f\n", "- [{}]\n---\n...\n", "\u{FEFF}jid: \"\\u263A\\\n  x\"\n",
  ]

  private static let words = [
    "jid: ", "source: ", "allow:\n", "  - jid: ", "role: ", "admin", "turn:\n", "  - uri: ", "username: ", "metrics: ",
    "server: ", "size: ", "fps: ", "bitrate: ", "viewers: ", "rotate: ", "ice-policy: ", "unix:", "pattern:", "camera",
    "&a ", "*a", "!!", "|\n", ">\n", "{", "}", "[", "]", "\"", "'", "? ", "---\n", "\t", "%YAML 1.1\n", "<<: ",
  ]
}
