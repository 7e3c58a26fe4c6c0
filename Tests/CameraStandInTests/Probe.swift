import CV4L2
import Foundation
import Glibc
import TestSupport

/// A directory that a test takes for `/dev`; it goes with the test.
final class DeviceFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "jinglecam-cameras-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A program that uses a camera by bare calls of libc, and does not always do it right.
final class Probe {
  struct Frame {
    var index: Int
    var sequence: Int
    var flags: UInt32
    var microseconds: Int
    var bytes: [UInt8]
  }

  struct Failure: Error, Equatable {
    let code: Int32
    init() { code = errno }
  }

  let descriptor: Int32
  let type: v4l2_buf_type
  private(set) var mappings: [UnsafeMutableRawBufferPointer] = []
  private var isClosed = false

  init(_ path: String, isMultiplanar: Bool = false) throws {
    descriptor = cv4l2_open(path)
    guard descriptor >= 0 else { throw Failure() }
    type = isMultiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE
  }

  deinit {
    unmap()
    if !isClosed { close() }
  }

  func close() {
    Glibc.close(descriptor)
    isClosed = true
  }

  private func check(_ status: Int32) throws {
    guard status == 0 else { throw Failure() }
  }

  // MARK: Settings

  func capability() throws -> v4l2_capability {
    var answer = v4l2_capability()
    try check(cv4l2_querycap(descriptor, &answer))
    return answer
  }

  @discardableResult func set(_ fourCC: CameraStandInDescription.FourCC, _ width: Int, _ height: Int) throws
    -> (width: Int, height: Int, length: Int)
  {
    var format = v4l2_format()
    format.type = type.rawValue
    if type == V4L2_BUF_TYPE_VIDEO_CAPTURE {
      format.fmt.pix.pixelformat = fourCC.rawValue
      (format.fmt.pix.width, format.fmt.pix.height) = (UInt32(width), UInt32(height))
      try check(cv4l2_s_fmt(descriptor, &format))
      let answer = format.fmt.pix
      return (Int(answer.width), Int(answer.height), Int(answer.sizeimage))
    }
    format.fmt.pix_mp.pixelformat = fourCC.rawValue
    (format.fmt.pix_mp.width, format.fmt.pix_mp.height) = (UInt32(width), UInt32(height))
    try check(cv4l2_s_fmt(descriptor, &format))
    let answer = format.fmt.pix_mp
    return (Int(answer.width), Int(answer.height), Int(answer.plane_fmt.0.sizeimage))
  }

  func setRate(_ rate: Int) throws -> Int {
    var parameters = v4l2_streamparm()
    parameters.type = type.rawValue
    parameters.parm.capture.timeperframe = v4l2_fract(numerator: 1, denominator: UInt32(rate))
    try check(cv4l2_s_parm(descriptor, &parameters))
    let interval = parameters.parm.capture.timeperframe
    return Int(interval.denominator / interval.numerator)
  }

  func value(of control: CameraStandInDescription.Control) throws -> Int {
    var argument = v4l2_control(id: control.id, value: 0)
    try check(cv4l2_g_ctrl(descriptor, &argument))
    return Int(argument.value)
  }

  func set(_ control: CameraStandInDescription.Control, to value: Int) throws {
    var argument = v4l2_control(id: control.id, value: Int32(value))
    try check(cv4l2_s_ctrl(descriptor, &argument))
  }

  func interval(_ fourCC: CameraStandInDescription.FourCC, _ width: Int, _ height: Int) throws -> Int {
    var argument = v4l2_frmivalenum()
    argument.pixel_format = fourCC.rawValue
    (argument.width, argument.height) = (UInt32(width), UInt32(height))
    try check(cv4l2_enum_frameintervals(descriptor, &argument))
    return Int(argument.discrete.denominator)
  }

  // MARK: Streaming

  func request(_ count: Int) throws {
    var request = v4l2_requestbuffers()
    request.count = UInt32(count)
    request.type = type.rawValue
    request.memory = V4L2_MEMORY_MMAP.rawValue
    try check(cv4l2_reqbufs(descriptor, &request))
  }

  private func withBuffer<Value>(_ index: Int, _ body: (UnsafeMutablePointer<v4l2_buffer>, v4l2_plane) throws -> Value)
    rethrows -> Value
  {
    var buffer = v4l2_buffer()
    buffer.index = UInt32(index)
    buffer.type = type.rawValue
    buffer.memory = V4L2_MEMORY_MMAP.rawValue
    var plane = v4l2_plane()
    return try withUnsafeMutablePointer(to: &plane) { plane in
      if type != V4L2_BUF_TYPE_VIDEO_CAPTURE {
        buffer.m.planes = plane
        buffer.length = 1
      }
      return try body(&buffer, plane.pointee)
    }
  }

  func map(_ index: Int, protection: Int32 = PROT_READ | PROT_WRITE, excess: Int = 0) throws {
    try withBuffer(index) { buffer, _ in
      try check(cv4l2_querybuf(descriptor, buffer))
      let isPlain = type == V4L2_BUF_TYPE_VIDEO_CAPTURE
      let length = Int(isPlain ? buffer.pointee.length : buffer.pointee.m.planes[0].length) + excess
      let offset = Int(isPlain ? buffer.pointee.m.offset : buffer.pointee.m.planes[0].m.mem_offset)
      let memory = mmap(nil, length, protection, MAP_SHARED, descriptor, offset)
      guard let memory, memory != MAP_FAILED else { throw Failure() }
      mappings.append(UnsafeMutableRawBufferPointer(start: memory, count: length))
    }
  }

  func unmap() {
    for mapping in mappings { munmap(mapping.baseAddress, mapping.count) }
    mappings = []
  }

  func queue(_ index: Int) throws {
    try withBuffer(index) { buffer, _ in try check(cv4l2_qbuf(descriptor, buffer)) }
  }

  func streamOn() throws {
    var type = type
    try check(cv4l2_streamon(descriptor, &type))
  }

  func streamOff() throws {
    var type = type
    try check(cv4l2_streamoff(descriptor, &type))
  }

  /// All the way to frames.
  func start(buffers: Int = 4) throws {
    try request(buffers)
    for index in 0..<buffers {
      try map(index)
      try queue(index)
    }
    try streamOn()
  }

  func dequeue() throws -> Frame {
    try withBuffer(0) { buffer, _ in
      try check(cv4l2_dqbuf(descriptor, buffer))
      let isPlain = type == V4L2_BUF_TYPE_VIDEO_CAPTURE
      let used = Int(isPlain ? buffer.pointee.bytesused : buffer.pointee.m.planes[0].bytesused)
      let time = buffer.pointee.timestamp
      return Frame(
        index: Int(buffer.pointee.index), sequence: Int(buffer.pointee.sequence), flags: buffer.pointee.flags,
        microseconds: Int(time.tv_sec) * 1_000_000 + Int(time.tv_usec),
        bytes: Array(mappings[Int(buffer.pointee.index)].prefix(used)))
    }
  }

  /// What poll says, at once or after it has waited.
  func poll(milliseconds: Int32 = 0) -> Int16 {
    var argument = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&argument, 1, milliseconds) == 1 ? argument.revents : 0
  }
}
