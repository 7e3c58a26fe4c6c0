import Call
import Capture
import Foundation
import NIOCore
import Streamer
import Studio
import TestSupport
import Testing

@testable import Network
@testable import Server

@Suite("The text of metrics")
struct MetricsTextTests {
  @Test("tells of a family its help, its type, then its samples")
  func family() {
    var text = MetricsText()
    text.family("a_total", .counter, "Counts.", [.init(labels: [("x", "1"), ("y", "2")], value: 3), .init(value: 4)])
    text.family("b_seconds", .gauge, "Measures.", 0.25)
    #expect(
      text.text == """
        # HELP a_total Counts.
        # TYPE a_total counter
        a_total{x="1",y="2"} 3
        a_total 4
        # HELP b_seconds Measures.
        # TYPE b_seconds gauge
        b_seconds 0.25

        """)
  }

  @Test("leaves out a family without samples")
  func empty() {
    var text = MetricsText()
    text.family("a", .gauge, "Nothing.", [])
    #expect(text.text.isEmpty)
  }

  @Test("escapes what would end a line or a label")
  func escaping() {
    var text = MetricsText()
    text.family("a", .gauge, "One \\ \"two\"\nthree", [.init(labels: [("x", "1\\2\n\"3\"")], value: 1)])
    #expect(
      text.text == #"""
        # HELP a One \\ "two"\nthree
        # TYPE a gauge
        a{x="1\\2\n\"3\""} 1

        """#)
  }

  @Test("has every outcome and reason from the start, so that the first one shows as a rise")
  func zeros() {
    let lines = MetricsText(MetricsSnapshot()).text.split(separator: "\n")
    for outcome in CallSummary.Outcome.allCases {
      #expect(lines.contains("jinglecam_calls_total{outcome=\"\(outcome.rawValue)\"} 0"))
    }
    for refusal in CallAdmission.Refusal.allCases {
      #expect(lines.contains("jinglecam_calls_refused_total{reason=\"\(refusal.rawValue)\"} 0"))
    }
  }

  @Test("tells of a loudspeaker and of what it plays where there is one")
  func speaker() throws {
    #expect(!MetricsText(MetricsSnapshot()).text.contains("speaker"))
    var snapshot = MetricsSnapshot()
    snapshot.speaker = .init(isPresent: true, counters: SpeakerCounters(underruns: 3), drift: -20)
    var statistics = CallStatistics.sample()
    statistics.inboundSound = try JSONDecoder().decode(
      CallStatistics.InboundSound.self,
      from: Data(
        #"""
        {"kind": "audio", "mimeType": "audio/opus", "packetsReceived": 500, "bytesReceived": 1, "headerBytesReceived": 1,
        "packetsLost": 7, "jitter": 0.001, "concealedSamples": 24000}
        """#.utf8))
    // It is no part of the JSON.
    statistics.inboundSound?.mostPacketsLost = 7
    snapshot.counters.add(statistics)
    snapshot.sound.echoReturnLossEnhancement = 21.5
    let lines = MetricsText(snapshot).text.split(separator: "\n")
    for line in [
      "speaker_present 1", "speaker_underruns_total 3", "speaker_losses_total 0", "speaker_drift_ppm -20.0",
      "audio_received_packets_total 500", "audio_lost_packets_total 7", "audio_concealed_seconds_total 0.5",
      "echo_return_loss_enhancement_decibels 21.5",
    ] { #expect(lines.contains("jinglecam_\(line)"), "\(line)") }
  }

  @Test("tells whether a microphone is heard where one is wanted", arguments: [(nil, nil), (true, 1), (false, 0)])
  func microphone(_ isPresent: Bool?, _ value: Int?) {
    var snapshot = MetricsSnapshot()
    snapshot.isMicrophonePresent = isPresent
    let lines = MetricsText(snapshot).text.split(separator: "\n").filter { $0.contains("microphone_present ") }
    #expect(lines.last == value.map { "jinglecam_microphone_present \($0)" })
  }

  @Test("is of the form that the format has: names, one group a family, a value on each line")
  func form() throws {
    var snapshot = MetricsSnapshot()
    snapshot.viewers = [
      .init(
        number: 1, roundTripTime: 0.000012, fractionLost: 0, availableOutgoingBitrate: 480_000, queueDelay: 0.01,
        video: .init(CallStatistics.sample().outboundRTP)),
      .init(number: 2),
    ]
    snapshot.process = .current
    var family: Substring = ""
    var seen: Set<Substring> = []
    for line in MetricsText(snapshot).text.split(separator: "\n") {
      if let help = line.wholeMatch(of: #/# HELP ([a-z_]+) \S.*/#) {
        family = help.1
        #expect(seen.insert(family).inserted, "one group only: \(family)")
      } else if let type = line.wholeMatch(of: #/# TYPE ([a-z_]+) (counter|gauge)/#) {
        #expect(type.1 == family)
        #expect((type.2 == "counter") == family.hasSuffix("_total"), "\(family)")
      } else {
        let sample = try #require(
          line.wholeMatch(of: #/([a-z_]+)(\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})? (\S+)/#), "\(line)")
        #expect(sample.1 == family)
        #expect(Double(sample.3)?.isFinite == true)
      }
    }
    #expect(seen.count > 20)
  }

  @Test("tells calls apart by a number, and not by who calls")
  func viewers() {
    var snapshot = MetricsSnapshot()
    snapshot.viewers = [.init(number: 3, roundTripTime: 0.05, fractionLost: 0.25, availableOutgoingBitrate: 480_000)]
    let text = MetricsText(snapshot).text
    #expect(text.contains("jinglecam_viewer_round_trip_seconds{viewer=\"3\"} 0.05\n"))
    #expect(text.contains("jinglecam_viewer_loss_ratio{viewer=\"3\"} 0.25\n"))
    #expect(text.contains("jinglecam_viewer_available_bits_per_second{viewer=\"3\"} 480000\n"))
    #expect(!text.contains("jinglecam_viewer_queue_delay_seconds"))
    #expect(text.contains("jinglecam_calls 1\n"))
  }

  @Test("tells the size, the target and the limit of each viewer's video once there is any")
  func viewersVideo() {
    var snapshot = MetricsSnapshot()
    var unseen = CallStatistics.sample().outboundRTP
    unseen.framesSent = 0
    snapshot.viewers = [
      .init(number: 3, video: .init(CallStatistics.sample().outboundRTP)), .init(number: 4, video: .init(unseen)),
    ]
    let lines = MetricsText(snapshot).text.split(separator: "\n")
    for line in [
      "frame_width_pixels{viewer=\"3\"} 640", "frame_height_pixels{viewer=\"3\"} 360",
      "target_bitrate_bits_per_second{viewer=\"3\"} 440000",
      "quality_limitation{viewer=\"3\",reason=\"bandwidth\"} 1",
      "quality_limitation{viewer=\"3\",reason=\"cpu\"} 0", "quality_limitation{viewer=\"3\",reason=\"none\"} 0",
    ] { #expect(lines.contains("jinglecam_viewer_\(line)"), "\(line)") }
    #expect(!lines.contains { $0.contains("viewer=\"4\"") })
  }

  @Test("counts frames that came too late for a path apart from those that no path took")
  func drops() {
    var snapshot = MetricsSnapshot()
    snapshot.counters.add(.sample(seconds: 1))
    snapshot.counters.add(.sample(seconds: 4))
    let text = MetricsText(snapshot).text
    #expect(text.contains("jinglecam_frames_dropped_total{reason=\"late\"} 10\n"))
    #expect(text.contains("jinglecam_frames_dropped_total{reason=\"unsent\"} 5\n"))
    #expect(text.contains("jinglecam_packet_send_delay_seconds_total 2.5\n"))
  }

  @Test("counts probes apart from what was sent again because it was lost")
  func probes() {
    var snapshot = MetricsSnapshot()
    snapshot.counters.add(.sample(seconds: 1))
    snapshot.counters.add(.sample(seconds: 4))
    let text = MetricsText(snapshot).text
    #expect(text.contains("jinglecam_probe_packets_total 20\n"))
    #expect(text.contains("jinglecam_probe_bytes_total 20000\n"))
    #expect(text.contains("jinglecam_resent_packets_total 0\n"))
  }

  @Test("knows of this process what /proc knows")
  func process() {
    let usage = ProcessUsage.current
    #expect(usage.residentBytes > 1_000_000 && usage.openDescriptors >= 3 && usage.cpuSeconds > 0)
    // Not before this test was written, nor after now.
    #expect(usage.startTime > 1_700_000_000 && usage.startTime <= Double(WallClock.secondsSince1970) + 1)
  }
}
