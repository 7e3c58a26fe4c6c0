import Capture
import Studio
import Testing

@testable import Diagnosis

@Suite("What a doctor says of the loudspeaker")
struct SpeakerTrialReportTests {
  private static func finding(channels: Int = 2, underruns: Int = 0) -> DoctorFinding {
    SpeakerTrialReport.played(
      SpeakerTrial(card: "Dev", name: "Acme Speaker", sampleRate: 48_000, channelCount: channels, underruns: underruns)
    ).finding
  }

  @Test("one that plays is told with what to do if it was not heard")
  func played() {
    #expect(
      Self.finding()
        == .ok(
          .speaker,
          "Acme Speaker (card Dev), 48000 Hz, stereo, was given a chime; if you did not hear it, unmute it: "
            + "alsamixer -c Dev"))
    #expect(Self.finding(channels: 1).text.contains("mono"))
    #expect(Self.finding(channels: 6).text.contains("6 channels"))
  }

  @Test("a computer that is late is told of")
  func late() {
    let finding = Self.finding(underruns: 3)
    #expect(finding.level == .warning && finding.text.contains("late to play a chime, 3 times"), "\(finding)")
  }

  @Test(
    "one that cannot be opened is no problem for the picture, and told with what to do",
    arguments: [
      (.busy(card: "Dev", holder: "pipewire (process 7)"), "in use by pipewire", "(pavucontrol, tab Playback)"),
      (.busy(card: "Dev", holder: "mpv (process 7)"), "in use by mpv", "end that program first"),
      (.forbidden(card: "Dev", group: "audio"), "not allowed to open", "usermod -aG audio"),
      (.noSpeaker, "there is no loudspeaker", "jinglecam devices"),
      (.failed(card: "Dev", reason: "Input/output error"), "fails", "jinglecam devices"),
    ] as [(SpeakerError, String, String)])
  func refused(_ error: SpeakerError, _ text: String, _ fix: String) {
    let finding = SpeakerTrialReport.refused(error).finding
    #expect(finding.level == .warning && finding.text.contains(text), "\(finding)")
    #expect(finding.fix?.contains(fix) == true, "\(finding)")
  }

  @Test("the service keeps it open, which is as it should be")
  func service() {
    let finding = SpeakerTrialReport.refused(.busy(card: "Dev", holder: "jinglecam (process 7)")).finding
    #expect(finding.level == .ok && finding.text.contains("jinglecam (process 7)"), "\(finding)")
  }
}
