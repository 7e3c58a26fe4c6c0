import Testing

@testable import jinglecam

@Suite("A command line that cannot be used")
struct CommandLineAdviceTests {
  /// What is printed, without the program's name.
  private func line(_ arguments: String...) -> String { line(arguments) }

  private func line(_ arguments: [String]) -> String {
    do {
      try CommandLineAdvice.check(arguments)
      _ = try JingleCam.parseAsRoot(arguments)
      return "it can be used"
    } catch {
      return CommandLineAdvice(arguments).line(on: JingleCam.message(for: error))
    }
  }

  @Test("names the command that was probably meant, also after help")
  func commands() {
    #expect(line("devics") == "unknown command 'devics'; did you mean devices? (see jinglecam --help)")
    #expect(line("streem", "camera").contains("did you mean stream?"))
    #expect(line("help", "foo") == "unknown command 'foo' (see jinglecam --help)")
    #expect(line("devices") == "it can be used")
  }

  @Test("names the option that was probably meant, or what other programs mean by it, or whose it is")
  func options() {
    #expect(
      line("stream", "a", "b", "--szie", "1x1")
        == "unknown option --szie; did you mean --size? (see jinglecam stream --help)")
    #expect(line("stream", "a", "b", "--framerate", "5").contains("the frame rate is --fps"))
    #expect(line("stream", "a", "b", "--allow", "c").contains("it belongs to jinglecam serve"))
  }

  @Test("never repeats what may be a password")
  func secrets() {
    for arguments in [["--password", "s3cret"], ["--password=s3cret"]] {
      let line = line(["stream", "camera", "ann@example.net"] + arguments)
      #expect(line.contains("--password-file") && !line.contains("s3cret"), "\(line)")
    }
    #expect(!line("stream", "camera", "ann@example.net", "-ps3cret").contains("s3cret"))
  }

  @Test("names the argument that is missing, and the option whose value is missing or wrong")
  func values() {
    #expect(line("stream", "camera") == "missing PEER: whom to call, as user@domain (see jinglecam stream --help)")
    #expect(line("stream", "a", "b", "--jid") == "--jid needs a value after it (see jinglecam stream --help)")
    #expect(line("stream", "a", "b", "--duration", "-5").hasPrefix("--duration must not be negative"))
    #expect(
      line("stream", "a", "b", "--ice-policy", "some")
        == "--ice-policy 'some' is not valid; choose all or relay (see jinglecam stream --help)")
    #expect(
      line("stream", "a", "b", "--log-level", "loud").contains(
        "--log-level 'loud' is not valid; choose trace, debug, info"))
    #expect(
      line("stream", "a", "b", "--audio-track", "x") == "it can be used", "which is told later, with what it may be")
    #expect(line("stream", "a", "b", "c").hasPrefix("'c' is one argument too many"))
  }
}
