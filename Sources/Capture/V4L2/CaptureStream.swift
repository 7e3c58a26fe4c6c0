import CV4L2
import Glibc
import NIOCore
import Video

/// A camera that is set up, with its ring of buffers mapped into our memory (V4L2, "Streaming I/O (Memory Mapping)").
/// The ring serves as a mailbox from which the newest picture is taken.
struct CaptureStream: ~Copyable {
  /// A picture in the ring, which has to be given back.
  struct Picture {
    fileprivate let index: Int
    /// The memories of the picture: one, or with the multi-planar API as many as the layout has.
    let memories: [UnsafeRawBufferPointer]
    /// The monotonic time of the start or the end of the exposure, or of the arrival (``CaptureClock``).
    fileprivate(set) var captureTime: NIODeadline
    /// Whether the driver lost nothing since the previous picture.
    let isContinuous: Bool

    /// The same picture with another capture time.
    func again(at time: NIODeadline) -> Picture {
      var picture = self
      picture.captureTime = time
      return picture
    }
  }

  enum Outcome {
    case picture(Picture)
    /// There is no picture yet.
    case none
    /// The signal of a bridge has changed, so that it has to be set up again.
    case changed
    /// There will be no more pictures, for the reason that errno tells.
    case failed(Int32)
  }

  let layout: FrameLayout
  /// The frame rate that the driver set; nil if it does not state it.
  let rate: FrameRate?
  /// The pictures that were skipped for a newer one, and those that the driver marked as damaged.
  private(set) var counters = SourceCounters()
  /// Whether the driver's timestamps are used.
  var isClockBelieved: Bool { clock.isBelieved }

  let device: V4L2Device
  /// The memories of each buffer.
  private var buffers: [[UnsafeMutableRawBufferPointer]] = []
  private var isRunning = false
  private var watchesSignal = false
  private var clock = CaptureClock(emptySince: .now())
  /// The field of the last picture, if each picture is one field.
  private var lastField: UInt32?
  /// The sequence number of the last picture that was not damaged. Drivers also count pictures for which there was no
  /// buffer, and a few do not count at all (V4L2, "Buffers").
  private var lastSequence: UInt32?

  /// The number of buffers: one is exposed, one waits, one is spare, and one is encoded if that is done in place. Of
  /// compressed video no picture may be lost while another is encoded.
  private var bufferCount: UInt32 { layout.way.isVideo ? 8 : layout.isInPlace ? 4 : 3 }

  /// Whether a buffer can be kept while the others are in use; a driver may need two for itself.
  var canSpareBuffer: Bool { buffers.count > 3 }

  /// Takes over the device. If another program streams from it, the driver reports that here.
  ///
  /// - Throws: `CaptureError`.
  static func prepare(_ device: consuming V4L2Device, mode: CaptureMode) throws(CaptureError) -> CaptureStream {
    let (layout, rate) = try device.set(mode)
    var stream = CaptureStream(device, layout, rate)
    try stream.allocate()
    return stream
  }

  private init(_ device: consuming V4L2Device, _ layout: FrameLayout, _ rate: FrameRate?) {
    self.device = device
    self.layout = layout
    self.rate = rate
  }

  deinit {
    if isRunning {
      var type = device.bufferType
      _ = cv4l2_streamoff(device.descriptor, &type)
    }
    for memory in buffers.joined() { munmap(memory.baseAddress, memory.count) }
    // The driver frees its memory once nobody maps it and no buffers are requested.
    var request = v4l2_requestbuffers()
    request.type = device.bufferType.rawValue
    request.memory = V4L2_MEMORY_MMAP.rawValue
    _ = cv4l2_reqbufs(device.descriptor, &request)
  }

  private mutating func allocate() throws(CaptureError) {
    var request = v4l2_requestbuffers()
    request.count = bufferCount
    request.type = device.bufferType.rawValue
    request.memory = V4L2_MEMORY_MMAP.rawValue
    guard cv4l2_reqbufs(device.descriptor, &request) == 0 else { throw failure() }
    guard request.count >= 2 else {
      throw .cameraFailed(path: device.path, reason: "it has no memory for frames")
    }
    for index in 0..<Int(min(request.count, 32)) {
      var places: [(offset: UInt32, length: UInt32)] = []
      withBuffer(index) { buffer, planes in
        guard cv4l2_querybuf(device.descriptor, buffer) == 0 else { return }
        places =
          device.capabilities.isMultiPlanar
          ? planes.map { ($0.m.mem_offset, $0.length) } : [(buffer.pointee.m.offset, buffer.pointee.length)]
      }
      guard !places.isEmpty else { throw failure() }
      buffers.append([])
      for place in places {
        // libcamerify maps memory only for reading and writing, and only in the stated length.
        let memory = mmap(
          nil, Int(place.length), PROT_READ | PROT_WRITE, MAP_SHARED, device.descriptor, Int(place.offset))
        guard let memory, memory != MAP_FAILED else { throw failure() }
        buffers[index].append(UnsafeMutableRawBufferPointer(start: memory, count: Int(place.length)))
      }
      guard enqueue(index) else { throw failure() }
    }
  }

  private borrowing func failure() -> CaptureError {
    .cameraCannotOpen(path: device.path, code: errno)
  }

  /// Starts streaming, unless it has started already.
  ///
  /// - Throws: `CaptureError`.
  mutating func start() throws(CaptureError) {
    guard !isRunning else { return }
    var type = device.bufferType
    watchesSignal = device.watchSignal()
    guard cv4l2_streamon(device.descriptor, &type) == 0 else { throw device.streamFailure(errno) }
    isRunning = true
    clock.sawNoPicture(at: .now())
  }

  /// Waits until `deadline` for a picture that was taken at `earliest` or later.
  mutating func next(notBefore earliest: NIODeadline, until deadline: NIODeadline) -> Outcome {
    while true {
      let events = watchesSignal ? POLLIN | POLLPRI : POLLIN
      var descriptor = pollfd(fd: device.descriptor, events: Int16(events), revents: 0)
      let left = (deadline - .now()).nanoseconds
      // The time is rounded up, so that the last millisecond is not spent polling.
      let status = poll(&descriptor, 1, Int32(clamping: max(0, (left + 999_999) / 1_000_000)))
      if status < 0, errno == EINTR { continue }
      guard status > 0 else { return status == 0 ? .none : .failed(errno) }
      if Int32(descriptor.revents) & POLLPRI != 0, device.takeSignalChange() { return .changed }
      switch newest(notBefore: earliest) {
      case .none where Int32(descriptor.revents) & (POLLERR | POLLHUP | POLLNVAL) != 0: return .failed(ENODEV)
      case .none: continue
      case let outcome: return outcome
      }
    }
  }

  /// Whether the next picture is available already.
  var hasMore: Bool {
    var descriptor = pollfd(fd: device.descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) > 0
  }

  /// Takes all available pictures and gives back all but the last. Of compressed video it takes only the next one,
  /// since no picture can be decoded without those before it.
  private mutating func newest(notBefore earliest: NIODeadline) -> Outcome {
    guard !layout.way.isVideo else { return dequeue() }
    var newest: Picture?
    while true {
      switch dequeue() {
      case .picture(let picture) where picture.captureTime < earliest:
        giveBack(picture)
      case .picture(let picture):
        if let newest {
          counters.framesSkipped += 1
          giveBack(newest)
        }
        newest = picture
      case .none:
        return newest.map(Outcome.picture) ?? .none
      case .changed:
        return .changed
      case .failed(let code):
        // Pictures before the failure are valid. The next call will fail again.
        return newest.map(Outcome.picture) ?? .failed(code)
      }
    }
  }

  private mutating func dequeue() -> Outcome {
    while true {
      let now = NIODeadline.now()
      var taken: v4l2_buffer?
      var used: [Range<Int>] = []
      withBuffer(0) { buffer, planes in
        guard cv4l2_dqbuf(device.descriptor, buffer) == 0 else { return }
        taken = buffer.pointee
        used =
          device.capabilities.isMultiPlanar
          ? planes.map { Int(min($0.data_offset, $0.bytesused))..<Int($0.bytesused) }
          : [0..<Int(buffer.pointee.bytesused)]
      }
      guard let taken else {
        guard errno == EAGAIN else { return .failed(errno) }
        clock.sawNoPicture(at: now)
        return .none
      }
      let index = Int(taken.index)
      guard buffers.indices.contains(index) else { return .failed(EIO) }
      // The driver lost an unknown part of this picture, and the next one will follow soon.
      guard taken.flags & UInt32(V4L2_BUF_FLAG_ERROR) == 0 else {
        counters.framesCorrupt += 1
        _ = enqueue(index)
        continue
      }
      guard !isSecondField(taken.field) else {
        _ = enqueue(index)
        continue
      }
      let isContinuous = lastSequence.map { taken.sequence &- $0 <= 1 } ?? true
      lastSequence = taken.sequence
      return .picture(
        Picture(
          index: index,
          memories: zip(buffers[index], used).map { UnsafeRawBufferPointer(rebasing: $0[$1.clamped(to: $0.indices)]) },
          captureTime: clock.captureTime(stamp: Self.stamp(of: taken), now: .now()), isContinuous: isContinuous))
    }
  }

  /// Whether the picture only completes one whose first field has been used.
  private mutating func isSecondField(_ field: UInt32) -> Bool {
    guard layout.fields == .separate else { return false }
    defer { lastField = field }
    return field == V4L2_FIELD_BOTTOM.rawValue && lastField == V4L2_FIELD_TOP.rawValue
  }

  private static func stamp(of buffer: v4l2_buffer) -> NIODeadline? {
    guard buffer.flags & UInt32(V4L2_BUF_FLAG_TIMESTAMP_MASK) == UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC),
      let seconds = UInt64(exactly: buffer.timestamp.tv_sec), seconds < UInt64(UInt32.max),
      let microseconds = UInt64(exactly: buffer.timestamp.tv_usec), microseconds < 1_000_000
    else { return nil }
    return .uptimeNanoseconds(seconds * 1_000_000_000 + microseconds * 1_000)
  }

  /// Gives the memory of a picture back to the driver. If the driver refuses it, the device is gone, which the next
  /// call reports.
  borrowing func giveBack(_ picture: Picture) {
    _ = enqueue(picture.index)
  }

  private borrowing func enqueue(_ index: Int) -> Bool {
    var isTaken = false
    withBuffer(index) { buffer, _ in isTaken = cv4l2_qbuf(device.descriptor, buffer) == 0 }
    return isTaken
  }

  /// Calls `body` with a `v4l2_buffer` of the ring and, for the multi-planar API, its planes.
  private borrowing func withBuffer(
    _ index: Int, _ body: (UnsafeMutablePointer<v4l2_buffer>, UnsafeMutableBufferPointer<v4l2_plane>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: v4l2_plane.self, capacity: layout.memoryCount) { planes in
      planes.initialize(repeating: v4l2_plane())
      var buffer = v4l2_buffer()
      buffer.index = UInt32(index)
      buffer.type = device.bufferType.rawValue
      buffer.memory = V4L2_MEMORY_MMAP.rawValue
      if device.capabilities.isMultiPlanar {
        buffer.length = UInt32(planes.count)
        buffer.m.planes = planes.baseAddress
      }
      body(&buffer, planes)
    }
  }
}
