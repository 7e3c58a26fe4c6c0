import Glibc
import Synchronization

/// What Ctrl-C and its kin do: once, the call is ended in order; before there is a call, or the second time, the program
/// ends on the spot.
final class Interruption: Sendable {
  private let target = Mutex<CallSequence?>(nil)
  private let isAsked = Mutex(false)

  var call: CallSequence? {
    get { target.withLock { $0 } }
    set { target.withLock { $0 = newValue } }
  }

  func signal() async {
    let isFirst = isAsked.withLock { asked in
      defer { asked = true }
      return !asked
    }
    guard isFirst, let call else {
      StandardStream.error("cancelled")
      StandardStream.drain()
      exit(ExitStatus.interrupted.rawValue)
    }
    await call.interrupt()
  }
}
