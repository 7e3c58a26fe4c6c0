import Capture
import Testing

@testable import Diagnosis

@Suite("What a doctor says of the microphone")
struct MicrophoneTrialReportTests {
  private static func finding(_ samples: [Float], overruns: Int = 0, channels: Int = 1) -> DoctorFinding {
    var report = MicrophoneTrialReport(card: "C920", name: "Webcam", rate: 48_000, channels: channels)
    samples.withUnsafeBufferPointer { report.add($0) }
    report.overruns = overruns
    return report.finding
  }

  @Test("one that hears is told with its level")
  func heard() {
    let finding = Self.finding([0.1, -0.1, 0.1, -0.1])
    #expect(finding == .ok(.microphone, "Webcam (card C920), 48000 Hz, mono, level -20 dB, peak -20 dB of full scale"))
  }

  @Test("silence, no sound, clipping and a late reader are told with what to do")
  func faults() {
    for (finding, text, fix) in [
      (Self.finding([0, 0, 0.00005]), "nothing but silence", "muted: alsamixer -c C920"),
      (Self.finding([]), "it gave no sound", "dmesg"),
      (Self.finding([1, -1, 0.5, 0.5]), "50 % of the sound is clipped", "lower Capture"),
      (
        Self.finding([.nan, .infinity, 0.5, -0.5], overruns: 3), "peak -6 dB of full scale: this computer was late",
        "top"
      ),
    ] {
      #expect(finding.level == .warning && finding.text.contains(text), "\(finding)")
      #expect(finding.fix?.contains(fix) == true, "\(finding)")
    }
  }

  @Test(
    "an offset of a muted card's samples, another in each channel, is taken for silence, and for no level of others")
  func offset() {
    let muted = (0..<400).map { Float($0 % 2 == 0 ? 0.01 : -0.02) + ($0 % 7 == 0 ? 0.00004 : 0) }
    let finding = Self.finding(muted, channels: 2)
    #expect(finding.level == .warning && finding.text.contains("nothing but silence"), "\(finding)")
    let heard = Self.finding([0.6, 0.4, 0.6, 0.4])
    #expect(heard.text.contains("level -20 dB, peak -20 dB"), "\(heard)")
  }

  @Test("whatever is recorded has a level that can be told")
  func anything() {
    let finding = Self.finding(Array(repeating: 0.9, count: 100_000) + [0.9002])
    #expect(finding.level == .ok && finding.text.contains("peak -74 dB"), "\(finding)")
  }

  @Test(
    "one that cannot be opened is no problem for the picture, and told with what to do",
    arguments: [
      (.busy(card: "C920", holder: "arecord"), "in use by arecord", "end that program first"),
      (.busy(card: "C920", holder: "pipewire (process 7)"), "in use by pipewire", "(pavucontrol, tab Recording)"),
      (.busy(card: "C920", holder: "pulseaudio (process 7)"), "in use by pulseaudio", "sound server"),
      (.busy(card: "C920", holder: "wireplumber"), "in use by wireplumber", "sound server"),
      (.busy(card: "C920", holder: "pipewire-recorder (process 7)"), "in use by", "end that program first"),
      (.busy(card: "C920", holder: "jinglecam serve"), "in use by jinglecam", "systemctl stop jinglecam"),
      (.forbidden(card: "C920", group: "audio"), "not allowed to open", "usermod -aG audio"),
      (.noMicrophone, "there is no microphone", "jinglecam devices"),
      (.failed(card: "C920", reason: "Input/output error"), "fails", "jinglecam devices"),
    ] as [(MicrophoneError, String, String)])
  func refused(_ error: MicrophoneError, _ text: String, _ fix: String) {
    let finding = MicrophoneTrial.Outcome.refused(error).finding
    #expect(finding.level == .warning && finding.text.contains(text), "\(finding)")
    #expect(finding.fix?.contains(fix) == true, "\(finding)")
  }
}
