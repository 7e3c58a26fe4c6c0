import Diagnosis
import Dispatch
import Glibc
import NIOPosix
import Network
import Setup
import Synchronization

/// Asks the questions of `jinglecam setup` on the terminal, and prints what it does.
final class SetupTerminal: SetupOutput {
  private let json: Bool
  private let doctor: DoctorPrinter
  private let echo = Mutex(Echo())

  private struct Echo {
    /// The settings of the terminal before they were changed.
    var former: termios?
    /// Whether the program ends, so that they must not be changed any more.
    var isOver = false
  }

  init(json: Bool) {
    self.json = json
    doctor = DoctorPrinter(json: json, style: .output)
  }

  /// What is for people goes where no program reads.
  private var descriptor: Int32 { json ? STDERR_FILENO : STDOUT_FILENO }

  /// Whether somebody may answer, or press Enter.
  var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(descriptor) == 1 }

  var style: TerminalStyle? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    let columns = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    return TerminalStyle(environment: { getenv($0).map { String(cString: $0) } }, columns: columns)
  }

  func ask(_ question: SetupQuestion) async -> String? {
    guard isInteractive else { return nil }
    StandardStream.drain()
    let lines = question.remark.map { [$0] } ?? []
    let text = (lines + question.choices).map { PrintableText.from($0) + "\n" }.joined()
    return await withTaskCancellationHandler {
      // Before the question is seen: what is typed at once must not be shown either.
      if question.isSecret { stopEcho() }
      write(text + PrintableText.from(question.line))
      let answer = try? await NIOThreadPool.singleton.runIfActive { readLine() }
      if question.isSecret {
        restoreEcho()
        write("\n")
      }
      return answer ?? nil
    } onCancel: {
      // A thread waits for the answer, and cannot be told that it is no longer wanted.
      restoreEcho(isOver: true)
      write("\nNothing was changed.\n")
      StandardStream.drain()
      exit(ExitStatus.interrupted.rawValue)
    }
  }

  func waitForEnter(_ prompt: String) async {
    // What was typed before was no answer to this.
    tcflush(STDIN_FILENO, TCIFLUSH)
    let (lines, continuation) = AsyncStream.makeStream(of: Void.self)
    let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
    source.setEventHandler { continuation.yield() }
    source.activate()
    defer { source.cancel() }
    show([prompt])
    // A terminal can be read when a line is complete, or its end was typed.
    for await _ in lines {
      var line = [UInt8](repeating: 0, count: 4096)
      _ = read(STDIN_FILENO, &line, line.count)
      return
    }
  }

  func show(_ lines: [String]) {
    guard !json || isatty(descriptor) == 1 else { return }
    StandardStream.drain()
    write(lines.map { $0 + "\n" }.joined())
  }

  func report(_ step: SetupStep) {
    if json {
      if let line = JSONLine(type: "step", version: DoctorPrinter.version, body: step).text {
        StandardStream.output(line)
      }
    } else {
      StandardStream.output(doctor.line(done: step.step.rawValue, step.text))
    }
  }

  func report(_ finding: DoctorFinding) { doctor.report(finding) }

  func report(_ conclusion: DoctorConclusion) { doctor.report(conclusion) }

  func report(_ error: CommandError) { doctor.report(error) }

  private func write(_ text: String) {
    _ = DescriptorWriter.write(text, to: descriptor)
  }

  // MARK: The echo

  private func stopEcho() {
    echo.withLock { echo in
      var settings = termios()
      guard !echo.isOver, tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
      echo.former = settings
      settings.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }
  }

  private func restoreEcho(isOver: Bool = false) {
    echo.withLock { echo in
      echo.isOver = isOver
      guard var settings = echo.former.take() else { return }
      tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
    }
  }
}
