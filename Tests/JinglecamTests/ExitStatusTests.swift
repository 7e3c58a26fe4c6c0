import Call
import Capture
import Jingle
import Peer
import SRTP
import Streamer
import Studio
import Testing

@testable import Account
@testable import Diagnosis
@testable import Settings
@testable import jinglecam

// Not that of Swift Testing.
private typealias ExitStatus = jinglecam.ExitStatus

@Suite("The exit status of a command")
struct ExitStatusTests {
  @Test(
    "of a source tells whether it is missing, unusable, busy, forbidden or badly named",
    arguments: [
      (.noCamera, 66), (.noSuchCamera(path: "/dev/video0"), 66), (.noSuchFile(path: "a.mp4", reason: "none"), 66),
      (.rawSensor(path: "/dev/video0"), 65),
      (.libcameraFailed(program: "rpicam-vid", reason: "no cameras available"), 69),
      (.notCamera(path: "/dev/video0", reason: "it offers only H264"), 65),
      (.notVideo(path: "a.txt", reason: "no video"), 65), (.unsupported(path: "a.mp4", reason: "no decoder"), 65),
      (.invalidInput("no header"), 65), (.encrypted(path: "a.mp4"), 65),
      (.cameraForbidden(path: "/dev/video0", group: "video"), 77), (.cameraBusy(path: "/dev/video0", holder: nil), 75),
      (.noBusBandwidth(path: "/dev/video0"), 69), (.cameraFailed(path: "/dev/video0", reason: "I/O error"), 69),
      (.noSignal(path: "/dev/video0", reason: "none"), 69),
      (.missingLibrary(reason: "libavformat.so.59", packages: ["libavformat59"]), 69),
      (.invalidControl("brightness cannot be set"), 64), (.invalidPattern("'pattern:x' is no pattern"), 64),
      (.noSuchTrack(path: "a.mp4", track: 3, count: 2), 64),
    ] as [(CaptureError, Int32)])
  func source(error: CaptureError, status: Int32) {
    #expect(ExitStatus(error).rawValue == status)
    #expect(CommandError(StreamError.source(.source(error))).status.rawValue == status)
    #expect(ExitStatus(DoctorFinding.Cause.source(error)).rawValue == status)
  }

  @Test(
    "of a login tells whose fault it is",
    arguments: [
      (.unreadableFile, 66), (.unreachable, 69), (.temporary, 75), (.protocolViolation, 76), (.credentials, 77),
      (.configuration, 78), (.cancelled, 130),
    ] as [(XMPPClientError.Kind, Int32)])
  func login(kind: XMPPClientError.Kind, status: Int32) {
    #expect(ExitStatus(kind).rawValue == status)
    #expect(ExitStatus(StreamError.account(XMPPClientError(kind, "why"))).rawValue == status)
  }

  @Test(
    "of a setting tells the command line from the file, and from a file that is not there or cannot be written",
    arguments: [(.usage, 64), (.configuration, 78), (.noInput, 66), (.cannotCreate, 73)] as [(SettingError.Kind, Int32)]
  )
  func setting(kind: SettingError.Kind, status: Int32) {
    #expect(ExitStatus(kind).rawValue == status)
  }

  @Test("of an encoder tells a picture that it does not take from a failure of its own")
  func encoder() {
    #expect(ExitStatus(StreamError.source(.encoder(.encoderUnavailable("too large")))) == .dataError)
    #expect(ExitStatus(StreamError.source(.encoder(.encodingFailed("out of memory")))) == .software)
    #expect(ExitStatus(StreamError.source(.noPicture)) == .unavailable)
    #expect(ExitStatus(StreamError.certificate(.fingerprintMismatch)) == .software)
    #expect(ExitStatus(StreamError.noRelay) == .unavailable && ExitStatus(StreamError.noNetwork) == .unavailable)
  }

  private static func status(
    _ outcome: CallOutcome, wasSeen: Bool = false, isInterrupted: Bool = false
  ) -> ExitStatus {
    ExitStatus(
      FinishedCall(
        result: CallResult(
          outcome: outcome, isInterrupted: isInterrupted, streamingTime: wasSeen ? .seconds(3) : nil)))
  }

  @Test("of a call is success where the picture was seen until somebody ended it")
  func seen() {
    #expect(Self.status(.hungUp, wasSeen: true) == .success)
    #expect(Self.status(.hungUp, wasSeen: true, isInterrupted: true) == .success)
    #expect(Self.status(.endedByPeer(Reason(.success)), wasSeen: true) == .success)
  }

  @Test("of a call that nobody took tells whether trying later may help")
  func unanswered() {
    for outcome in [CallOutcome.declined, .busy, .timeout, .yielded, .endedByPeer(Reason(.success))] {
      #expect(Self.status(outcome) == .temporaryFailure)
    }
    #expect(Self.status(.unreachable(condition: nil)) == .unavailable && Self.status(.noJingle) == .unavailable)
    #expect(Self.status(.cancelled) == .interrupted && Self.status(.hungUp, isInterrupted: true) == .interrupted)
  }

  @Test("of a call that failed tells a missing path from a broken protocol, seen or not", arguments: [true, false])
  func failed(wasSeen: Bool) {
    for condition in [Reason.Condition.connectivityError, .failedTransport, .gone] {
      #expect(Self.status(.endedByPeer(Reason(condition)), wasSeen: wasSeen) == .unavailable)
      #expect(Self.status(.failed(Reason(condition)), wasSeen: wasSeen) == .unavailable)
    }
    for error in [PeerError.noRelay, .connectivity, .handshakeTimeout] {
      #expect(Self.status(.failed(JingleMapping.reason(for: error)), wasSeen: wasSeen) == .unavailable)
    }
    #expect(Self.status(.failed(Reason(.securityError)), wasSeen: wasSeen) == .protocolError)
    #expect(Self.status(.endedByPeer(Reason(.mediaError)), wasSeen: wasSeen) == .protocolError)
  }

  @Test("of a call that our side ended is that of what ended it")
  func failure() {
    let result = CallResult(outcome: .failed(Reason(.connectivityError)), streamingTime: .seconds(3))
    let call = FinishedCall(
      result: result, failure: .source(.source(.cameraForbidden(path: "/dev/video0", group: nil))))
    #expect(ExitStatus(call) == .noPermission)
  }

  @Test("of a check that was repeated is that of the last one")
  func check() {
    #expect(ExitStatus(CheckResult.failed(.account(XMPPClientError(.unreachable, "why")))) == .unavailable)
    #expect(ExitStatus(CheckResult.cancelled) == .interrupted)
    #expect(ExitStatus(CheckResult.verdict(CheckVerdict(CheckFindings()))) == .noPath)
    #expect(
      [CheckVerdict.Outcome.direct, .relayOnly, .noPath, .relayCredentialsRefused].map { ExitStatus($0).rawValue }
        == [0, 10, 11, 12])
  }
}
