import CameraStandIn

// What a test does to the camera, at any time.
extension CameraStandIn {
  /// No test's camera takes that long.
  private static let patience: Int32 = 10_000

  // MARK: Frames

  /// Has the camera make frames and waits until they are in buffers, or lost for want of one. Waits for a stream first.
  package func deliver(_ count: Int = 1) throws {
    guard read({ camera_deliver($0, UInt32(count), Self.patience) }) else {
      throw CameraStandInError.timedOut("the delivery of \(count) frames")
    }
  }

  /// Frames are lost, and nothing says so.
  package func stall() { set(camera_switch_stalled, 1) }
  package func resume() { set(camera_switch_stalled, 0) }

  /// The next frames carry `V4L2_BUF_FLAG_ERROR`.
  package func markErroneous(next count: Int) { set(camera_switch_erroneous, Int32(count)) }
  /// The next frames end in their middle.
  package func truncate(next count: Int) { set(camera_switch_truncated, Int32(count)) }
  /// The next frames have bytes flipped in the picture, not in its header.
  package func corrupt(next count: Int) { set(camera_switch_corrupt, Int32(count)) }
  /// The next frames lack their last 16 bytes.
  package func shorten(next count: Int) { set(camera_switch_short, Int32(count)) }

  // MARK: Errors, by errno; 0 ends them

  /// The next `DQBUF`, once.
  package func failDequeue(_ code: Int32) { set(camera_switch_dequeue_error, code) }
  package func failStreamOn(_ code: Int32) { set(camera_switch_stream_on_error, code) }
  /// Of formats that are no JPEG.
  package func failRawStreamOn(_ code: Int32) { set(camera_switch_raw_stream_on_error, code) }
  /// Every ioctl, and no frames come.
  package func failEverything(_ code: Int32) { set(camera_switch_ioctl_error, code) }
  package func failOpen(_ code: Int32) { set(camera_switch_open_error, code) }

  /// As though another program streamed.
  package var isBusy: Bool {
    get { get(camera_switch_busy) != 0 }
    set { set(camera_switch_busy, newValue ? 1 : 0) }
  }

  // MARK: Quirks

  /// JPEG pictures come without Huffman tables.
  package var stripHuffmanTables: Bool {
    get { get(camera_switch_no_huffman_tables) != 0 }
    set { set(camera_switch_no_huffman_tables, newValue ? 1 : 0) }
  }

  /// Times that run backwards, and say that they mean nothing.
  package var hasUnknownTimestamps: Bool {
    get { get(camera_switch_unknown_timestamps) != 0 }
    set { set(camera_switch_unknown_timestamps, newValue ? 1 : 0) }
  }

  /// Stamps say that they are of the monotonic clock, and are so many seconds ahead of it.
  package var clockOffset: Double {
    get { Double(get(camera_switch_clock_offset)) / 1_000 }
    set { set(camera_switch_clock_offset, Int32(newValue * 1_000)) }
  }

  package enum UnlistedRates: Int32, Sendable {
    /// Without `ENUM_FRAMEINTERVALS`.
    case unanswered = 1
    /// With an interval of 0/0.
    case zero = 2
  }

  /// Rates can be set, and no list says so.
  package func unlistRates(_ way: UnlistedRates) { set(camera_switch_unlisted_rates, way.rawValue) }
  /// `S_PARM` answers with what was asked for, and sets nothing.
  package func fixRate() { set(camera_switch_fixed_rate, 1) }

  /// Frames a second that `S_PARM` answers with, whatever is asked for; 0 for what is asked for.
  package var forcedRate: Int {
    get { Int(get(camera_switch_forced_rate)) }
    set { set(camera_switch_forced_rate, Int32(newValue)) }
  }

  /// As libcamerify 0.0.3: none of the optional ioctls.
  package var isPoor: Bool {
    get { get(camera_switch_poor) != 0 }
    set { set(camera_switch_poor, newValue ? 1 : 0) }
  }

  // MARK: A bridge from HDMI

  package enum Signal: Sendable {
    case size(Int, Int)
    /// What `QUERY_DV_TIMINGS` fails with: `ENOLINK`, `ENOLCK` or `ERANGE`.
    case fault(Int32)
  }

  /// The camera is a bridge, and has this at its input from now on.
  package func setSignal(_ signal: Signal) {
    switch signal {
    case .size(let width, let height):
      set(camera_switch_signal_width, Int32(width))
      set(camera_switch_signal_height, Int32(height))
      set(camera_switch_signal, 1)
    case .fault(let code):
      set(camera_switch_signal, code)
    }
  }

  // MARK: How frames lie in memory

  /// `V4L2_FIELD_…`, whatever the program asks for; 0 for no fields.
  package var field: UInt32 {
    get { UInt32(get(camera_switch_field)) }
    set { set(camera_switch_field, Int32(newValue)) }
  }

  /// Whether a field alone has as many rows as the program asks for, and not half as many.
  package var scalesFields: Bool {
    get { get(camera_switch_scaled_fields) != 0 }
    set { set(camera_switch_scaled_fields, newValue ? 1 : 0) }
  }

  /// Bytes behind each row of the first plane, and of the others in proportion.
  package var padding: Int {
    get { Int(get(camera_switch_padding)) }
    set { set(camera_switch_padding, Int32(newValue)) }
  }

  /// Frames end with the last sample, and not with what pads its row.
  package var endsUnpadded: Bool {
    get { get(camera_switch_unpadded_end) != 0 }
    set { set(camera_switch_unpadded_end, newValue ? 1 : 0) }
  }

  /// Bytes before the samples of each plane, in the multi-planar API.
  package var dataOffset: Int {
    get { Int(get(camera_switch_data_offset)) }
    set { set(camera_switch_data_offset, Int32(newValue)) }
  }

  /// `V4L2_QUANTIZATION_…`; 0 for what is usual.
  package var quantization: UInt32 {
    get { UInt32(get(camera_switch_quantization)) }
    set { set(camera_switch_quantization, Int32(newValue)) }
  }

  /// Rows of a picture that are written, until the program makes it others; 0 for all, of which it can make no others.
  package var composedRows: Int {
    get { Int(get(camera_switch_composed_rows)) }
    set { set(camera_switch_composed_rows, Int32(newValue)) }
  }

  // MARK: What the program has

  package var openDescriptors: Int { total(camera_open_count) }
  package var allocatedBuffers: Int { total(camera_buffer_count) }
  package var mappedBuffers: Int { total(camera_mapping_count) }
  package var isStreaming: Bool { read(camera_is_streaming) }
  package var framesDelivered: Int { Int(read(camera_frame_count)) }
  package var framesLost: Int { Int(read(camera_lost_count)) }

  /// The process that has buffers.
  package var owner: Int32? {
    let process = read(camera_owner)
    return process == 0 ? nil : process
  }

  package var currentFormat: (fourCC: UInt32, width: Int, height: Int) {
    var width: UInt32 = 0
    var height: UInt32 = 0
    let code = read { camera_current_format($0, &width, &height) }
    return (code, Int(width), Int(height))
  }

  /// Frames a second.
  package var currentRate: Double {
    let interval = read(camera_current_interval)
    return Double(interval.denominator) / Double(interval.numerator)
  }

  package func value(of control: CameraStandInDescription.Control) -> Int {
    Int(read { camera_control_value($0, control.id) })
  }

  package func awaitStreaming(_ isStreaming: Bool = true) throws {
    guard read({ camera_await_streaming($0, isStreaming, Self.patience) }) else {
      throw CameraStandInError.timedOut(isStreaming ? "streaming" : "the end of streaming")
    }
  }

  private func set(_ name: camera_switch, _ value: Int32) { read { camera_set($0, name, value) } }
  private func get(_ name: camera_switch) -> Int32 { read { camera_get($0, name) } }
}
