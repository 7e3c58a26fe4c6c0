import NIOCore
import Video

/// The encodes of one source's pictures: one in each lane that is open.
struct VideoLanes: ~Copyable {
  /// The frames after which the load is known.
  private static let settling = 8

  private let control: EncoderControl
  private var limits: EncodingLimits
  private let threads: Int
  private let format: VideoFormat
  private var lanes: InlineArray<3, VideoLane?>
  private var counters: [EncodingCounters]
  private var load = 0.0
  private var frames = 0

  /// The first lane is made at once, so that the first picture does not wait for it.
  init(
    _ format: VideoFormat, limits: EncodingLimits, threads: Int, control: EncoderControl
  ) throws(VideoError) {
    self.control = control
    self.limits = limits
    self.threads = threads
    self.format = format
    lanes = InlineArray { _ in nil }
    counters = Array(repeating: EncodingCounters(), count: control.lanes.count)
    counters[0].targetBitrate = limits.target(available: nil)
    lanes[0] = try VideoLane(format, limits: limits, threads: threads, control: control.lanes[0])
  }

  /// - Parameter deliver: called with the frame of each lane that is open and leaves none out.
  mutating func encode(
    _ frame: borrowing VideoFrame, _ video: inout VideoCounters, clock: VideoPump.Clock,
    deliver: (EncodedFrame, VideoCounters) -> Void
  ) throws(VideoError) {
    limits.maximumBitrate = control.maximumBitrate ?? limits.maximumBitrate
    video.sourceSize = frame.size
    for index in counters.indices {
      guard control.lanes[index].isOpen else {
        lanes[index] = nil
        counters[index].lastEncodeTime = .zero
        continue
      }
      if lanes[index] == nil {
        lanes[index] = try VideoLane(format, limits: limits, threads: threads, control: control.lanes[index])
      }
      let others = counters.indices.lazy.filter { $0 != index }
        .reduce(TimeAmount.zero) { $0 + self.counters[$1].lastEncodeTime }
      let encoded = try lanes[index]?.encode(
        frame, within: limits, beside: others, &counters[index], clock: clock)
      guard let encoded = encoded ?? nil else { continue }
      video.lane = index
      video.encoding = counters[index]
      deliver(encoded, video)
    }
    recordLoad()
    video.encodingLoad = frames < Self.settling ? nil : load
  }

  private mutating func recordLoad() {
    let time = counters.reduce(TimeAmount.zero) { $0 + $1.lastEncodeTime }
    let share = min(2, Double(time.nanoseconds) / Double(format.frameRate.interval.nanoseconds))
    frames += 1
    load += (share - load) / Double(min(frames, Self.settling))
  }
}
