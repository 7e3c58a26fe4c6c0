import Account
import Streamer
import Studio

extension MetricsText {
  init(_ snapshot: MetricsSnapshot) {
    self.init()
    family(
      "jinglecam_build_info", .gauge, "The version of the program.",
      [Sample(labels: [("version", Version.text)], value: 1)])
    signalling(snapshot)
    calls(snapshot)
    video(snapshot)
    sound(snapshot)
    snapshot.speaker.map { speaker($0, snapshot) }
    family(
      "jinglecam_log_lines_lost_total", .counter, "Log lines lost because output was blocked.", snapshot.logLinesLost)
    process(snapshot.process)
  }

  private mutating func signalling(_ snapshot: MetricsSnapshot) {
    family("jinglecam_xmpp_connected", .gauge, "Whether the XMPP account is online.", snapshot.isConnected ? 1 : 0)
    family(
      "jinglecam_xmpp_reconnects_total", .counter, "Reconnections to the XMPP server.",
      max(0, snapshot.counters.connections - 1))
  }

  private mutating func calls(_ snapshot: MetricsSnapshot) {
    let counters = snapshot.counters
    family(
      "jinglecam_calls_total", .counter, "Finished calls, by outcome.",
      CallSummary.Outcome.allCases.map {
        Sample(labels: [("outcome", $0.rawValue)], value: counters.callsEnded[$0] ?? 0)
      })
    family(
      "jinglecam_calls_refused_total", .counter, "Refused calls, by reason.",
      CallAdmission.Refusal.allCases.map {
        Sample(labels: [("reason", $0.rawValue)], value: counters.callsRefused[$0] ?? 0)
      })
    family("jinglecam_calls", .gauge, "Calls in progress.", snapshot.viewers.count)
    family("jinglecam_viewers", .gauge, "Calls in which video is being watched.", snapshot.watching)
    family(
      "jinglecam_viewer_round_trip_seconds", .gauge, "Round-trip time of each call; numbers of viewers are reused.",
      samples(snapshot.viewers, \.roundTripTime))
    family(
      "jinglecam_viewer_loss_ratio", .gauge, "Share of each call's packets lost, by the last report.",
      samples(snapshot.viewers, \.fractionLost))
    family(
      "jinglecam_viewer_available_bits_per_second", .gauge, "Capacity of each call's path, if known.",
      samples(snapshot.viewers, \.availableOutgoingBitrate))
    family(
      "jinglecam_viewer_queue_delay_seconds", .gauge, "Time that packets of each call wait at the bottleneck.",
      samples(snapshot.viewers, \.queueDelay))
    viewersVideo(snapshot.viewers)
    family("jinglecam_sent_bytes_total", .counter, "Bytes sent to viewers, all protocols.", counters.bytesSent)
    family("jinglecam_sent_packets_total", .counter, "RTP packets of video sent.", counters.packetsSent)
    family(
      "jinglecam_resent_packets_total", .counter, "RTP packets of video sent again because of losses.",
      counters.packetsSentAgain)
    family(
      "jinglecam_probe_packets_total", .counter, "RTP packets of video sent to measure the capacity of a path.",
      counters.probePacketsSent)
    family(
      "jinglecam_probe_bytes_total", .counter,
      "Payload bytes of RTP packets of video sent to measure the capacity of a path.", counters.probeBytesSent)
    family(
      "jinglecam_packet_send_delay_seconds_total", .counter,
      "Time that packets waited on this computer for a viewer's path.",
      counters.packetSendDelay)
  }

  private mutating func viewersVideo(_ viewers: [MetricsSnapshot.Viewer]) {
    family(
      "jinglecam_viewer_frame_width_pixels", .gauge, "Width of the video of each call.",
      samples(viewers, \.video?.width))
    family(
      "jinglecam_viewer_frame_height_pixels", .gauge, "Height of the video of each call.",
      samples(viewers, \.video?.height))
    family(
      "jinglecam_viewer_target_bitrate_bits_per_second", .gauge, "Target bitrate of the encoder of each call.",
      samples(viewers, \.video?.targetBitrate))
    family(
      "jinglecam_viewer_quality_limitation", .gauge,
      "1 for what limits the size or the frame rate of each call's video, 0 for the other reasons.",
      viewers.flatMap { viewer in
        viewer.video.map { video in
          QualityLimitation.Reason.allCases.map {
            Sample(
              labels: [("viewer", String(viewer.number)), ("reason", $0.rawValue)],
              value: $0.rawValue == video.limitation ? 1 : 0)
          }
        } ?? []
      })
  }

  private func samples(
    _ viewers: [MetricsSnapshot.Viewer], _ value: (MetricsSnapshot.Viewer) -> (some Numeric & CustomStringConvertible)?
  ) -> [Sample] {
    viewers.compactMap { viewer in
      value(viewer).map { Sample(labels: [("viewer", String(viewer.number))], value: $0) }
    }
  }

  private mutating func video(_ snapshot: MetricsSnapshot) {
    let video = snapshot.video
    family("jinglecam_camera_present", .gauge, "Whether the source is available.", snapshot.isCameraPresent ? 1 : 0)
    family(
      "jinglecam_source_failures_total", .counter, "Times that the source could not be opened, or stopped.",
      snapshot.sourceFailures)
    family("jinglecam_frames_captured_total", .counter, "Frames captured.", video.framesCaptured)
    family("jinglecam_frames_encoded_total", .counter, "Frames encoded.", video.encoding.framesEncoded)
    family("jinglecam_key_frames_encoded_total", .counter, "Key frames among them.", video.encoding.keyFramesEncoded)
    family(
      "jinglecam_frames_dropped_total", .counter,
      "skipped: this computer was too slow; corrupt: it arrived damaged; unsent: a viewer's path accepted none; late: it "
        + "waited too long for a viewer's path; throttled: a viewer's network is too slow.",
      [
        Sample(labels: [("reason", "skipped")], value: video.source.framesSkipped),
        Sample(labels: [("reason", "corrupt")], value: video.source.framesCorrupt),
        Sample(labels: [("reason", "unsent")], value: snapshot.counters.framesUnsent),
        Sample(labels: [("reason", "late")], value: snapshot.counters.framesLate),
        Sample(labels: [("reason", "throttled")], value: snapshot.counters.framesThrottled),
      ])
    family("jinglecam_encode_seconds_total", .counter, "Time spent encoding.", video.encoding.totalEncodeTime.seconds)
    family(
      "jinglecam_target_bitrate_bits_per_second", .gauge,
      "Highest target bitrate of an encoder; 0 while nobody is watching.",
      video.encoding.targetBitrate)
    family(
      "jinglecam_quality_limitation_seconds_total", .counter,
      "Time during which encoders ran, by what limited the size or the frame rate.",
      QualityLimitation.Reason.allCases.map {
        Sample(labels: [("reason", $0.rawValue)], value: video.encoding.qualityLimitation[$0].seconds)
      })
    family(
      "jinglecam_quantizer_sum_total", .counter, "Sum of the quantizer indices, 0 to 127, of all frames encoded.",
      video.encoding.quantizerSum)
  }

  private mutating func sound(_ snapshot: MetricsSnapshot) {
    let (sound, microphone) = (snapshot.sound, snapshot.sound.microphone)
    family(
      "jinglecam_audio_level", .gauge, "Level of the last 20 ms of sound, from 0 to 1; 0 without sound.",
      sound.audioLevel)
    family(
      "jinglecam_audio_seconds_total", .counter, "Seconds of sound encoded, once for all viewers.",
      sound.totalSamplesDuration)
    family(
      "jinglecam_audio_sent_packets_total", .counter, "RTP packets of sound sent.", snapshot.counters.soundPacketsSent)
    family(
      "jinglecam_microphone_present", .gauge, "Whether the microphone could be heard when somebody last listened.",
      snapshot.isMicrophonePresent.map { [Sample(value: $0 ? 1 : 0)] } ?? [])
    family(
      "jinglecam_microphone_overruns_total", .counter, "Times that samples were lost because this computer was late.",
      microphone.overruns)
    family(
      "jinglecam_microphone_losses_total", .counter, "Times that the microphone was unplugged, hung, or failed.",
      microphone.losses)
    family(
      "jinglecam_microphone_drift_ppm", .gauge,
      "How much faster the microphone's clock is than this computer's, in parts per million.", sound.drift)
  }

  private mutating func speaker(_ speaker: MetricsSnapshot.Speaker, _ snapshot: MetricsSnapshot) {
    let counters = snapshot.counters
    family("jinglecam_speaker_present", .gauge, "Whether the loudspeaker can play.", speaker.isPresent ? 1 : 0)
    family(
      "jinglecam_speaker_underruns_total", .counter,
      "Times that it had nothing to play because this computer was late.",
      speaker.counters.underruns)
    family(
      "jinglecam_speaker_losses_total", .counter, "Times that the loudspeaker was unplugged, hung, or failed.",
      speaker.counters.losses)
    family(
      "jinglecam_speaker_drift_ppm", .gauge,
      "How much faster the loudspeaker's clock is than this computer's, in parts per million.", speaker.drift)
    family(
      "jinglecam_audio_received_packets_total", .counter, "RTP packets of viewers' sound.",
      counters.soundPacketsReceived)
    family("jinglecam_audio_lost_packets_total", .counter, "Those that did not arrive.", counters.soundPacketsLost)
    family(
      "jinglecam_audio_concealed_seconds_total", .counter, "Viewers' sound that was made up for lost or late packets.",
      counters.soundConcealed)
    family(
      "jinglecam_echo_return_loss_enhancement_decibels", .gauge, "By how much the loudspeaker's echo is weakened.",
      snapshot.sound.echoReturnLossEnhancement.map { [Sample(value: $0)] } ?? [])
  }

  /// Names as Prometheus gives them to every process.
  private mutating func process(_ usage: ProcessUsage) {
    family("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.", usage.residentBytes)
    family("process_open_fds", .gauge, "Number of open file descriptors.", usage.openDescriptors)
    family("process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.", usage.cpuSeconds)
    family(
      "process_start_time_seconds", .gauge, "Start time of the process since unix epoch in seconds.", usage.startTime)
  }
}
