import Testing

@testable import State

@Suite("Where a program that runs is asked")
struct RuntimeDirectoryTests {
  @Test("is in the service's directory, else in the user's, else nowhere")
  func path() {
    func path(_ environment: [String: String]) -> String? { RuntimeDirectory.path(in: { environment[$0] }) }
    #expect(path(["RUNTIME_DIRECTORY": "/run/jinglecam:/run/b", "XDG_RUNTIME_DIR": "/run/user/1"]) == "/run/jinglecam")
    #expect(path(["XDG_RUNTIME_DIR": "/run/user/1"]) == "/run/user/1/jinglecam")
    #expect(path(["XDG_RUNTIME_DIR": "run"]) == nil)
    #expect(path([:]) == nil)
  }

  @Test("is looked for at one's own, then at the service, or at the one of several that is named")
  func candidates() {
    let user = ["XDG_RUNTIME_DIR": "/run/user/1"]
    #expect(
      RuntimeDirectory.candidates(instance: nil, in: { user[$0] }) == ["/run/user/1/jinglecam", "/run/jinglecam"])
    #expect(RuntimeDirectory.candidates(instance: nil, in: { _ in nil }) == ["/run/jinglecam"])
    #expect(RuntimeDirectory.candidates(instance: "door", in: { user[$0] }) == ["/run/jinglecam-door"])
  }
}
