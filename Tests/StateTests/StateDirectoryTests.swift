import Testing

@testable import State

@Suite("Where is kept what has to be known again")
struct StateDirectoryTests {
  @Test(
    "is what systemd made, else the user's directory for state, else nowhere",
    arguments: [
      (["STATE_DIRECTORY": "/var/lib/jinglecam", "XDG_STATE_HOME": "/s", "HOME": "/h"], "/var/lib/jinglecam"),
      (["STATE_DIRECTORY": "/var/lib/a:/var/lib/b"], "/var/lib/a"),
      (["STATE_DIRECTORY": "", "XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/jinglecam"),
      (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/jinglecam"),
      (["XDG_STATE_HOME": "", "HOME": "/h"], "/h/.local/state/jinglecam"), (["HOME": ""], nil), ([:], nil),
    ] as [([String: String], String?)])
  func places(environment: [String: String], path: String?) {
    #expect(StateDirectory.path { environment[$0] } == path)
  }
}
