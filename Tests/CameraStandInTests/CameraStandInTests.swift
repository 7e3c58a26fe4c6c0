import CV4L2
import Glibc
import TestSupport
import Testing

/// That the stand-in is a camera, seen through bare calls of libc.
@Suite struct CameraStandInTests {
  typealias Format = CameraStandInDescription.Format
  typealias Size = CameraStandInDescription.Size

  private let folder: DeviceFolder

  init() throws {
    folder = try DeviceFolder()
  }

  private func camera(
    _ formats: [Format] = [Format(.yuyv, sizes: [Size(64, 48)], rates: [30, 15])],
    kind: CameraStandInDescription.Kind = .capture, pace: CameraStandIn.Pace = .manual
  ) throws -> CameraStandIn {
    try CameraStandIn(
      directory: folder.path, byID: "usb-Acme_Cam-video-index0", kind: kind, formats: formats,
      controls: CameraStandInDescription.Control.usual, pace: pace)
  }

  // MARK: A device

  @Test("the node is a character device that names its driver, and the stable name leads to it")
  func node() throws {
    let camera = try camera()
    for path in [camera.path, try #require(camera.stablePath)] {
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & S_IFMT == S_IFCHR)
      #expect(status.st_rdev == 81 << 8)
      let probe = try Probe(path)
      #expect(fstat(probe.descriptor, &status) == 0)
      #expect(status.st_mode & S_IFMT == S_IFCHR)
      let capability = try probe.capability()
      #expect(
        withUnsafeBytes(of: capability.driver) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) } == "uvcvideo")
      #expect(capability.device_caps & UInt32(V4L2_CAP_VIDEO_CAPTURE) != 0)
      #expect(capability.device_caps & UInt32(V4L2_CAP_META_CAPTURE) == 0)
    }
  }

  @Test("a metadata node says in device_caps that it has no pictures, and in capabilities that its camera has")
  func metadata() throws {
    let camera = try camera([.metadata], kind: .metadata)
    let capability = try Probe(camera.path).capability()
    #expect(capability.capabilities & UInt32(V4L2_CAP_VIDEO_CAPTURE) != 0)
    #expect(capability.device_caps & UInt32(V4L2_CAP_VIDEO_CAPTURE) == 0)
  }

  @Test("a plain file stays a plain file")
  func plainFile() throws {
    let path = "\(folder.path)/plain"
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    #expect(write(descriptor, "text", 4) == 4)
    var status = stat()
    #expect(fstat(descriptor, &status) == 0)
    #expect(status.st_mode == S_IFREG | 0o600)
    var capability = v4l2_capability()
    #expect(cv4l2_querycap(descriptor, &capability) == -1)
    #expect(errno == ENOTTY)
  }

  @Test(
    "sizes and rates that are not offered become the nearest",
    arguments: [(100, 100, 64, 48), (600, 400, 640, 480), (320, 230, 320, 240)])
  func snaps(width: Int, height: Int, toWidth: Int, toHeight: Int) throws {
    let camera = try camera([
      Format(.yuyv, sizes: [Size(64, 48), Size(640, 480), Size(320, 240)], rates: [30, 15])
    ])
    let probe = try Probe(camera.path)
    let answer = try probe.set(.yuyv, width, height)
    #expect((answer.width, answer.height) == (toWidth, toHeight))
    #expect(try probe.setRate(17) == 15)
    #expect(camera.currentFormat.width == toWidth)
    #expect(camera.currentRate == 15)
  }

  @Test("a stepwise range is kept to")
  func stepwise() throws {
    let camera = try camera([Format(.nv12, sizes: [Size(from: (64, 48), to: (640, 480), step: (16, 8))])])
    let probe = try Probe(camera.path)
    let answer = try probe.set(.nv12, 101, 5_000)
    #expect((answer.width, answer.height, answer.length) == (96, 480, 96 * 480 * 3 / 2))
    #expect(try probe.interval(.nv12, 96, 480) == 30)
    #expect(throws: Probe.Failure.self) { try probe.interval(.nv12, 100, 480) }
  }

  @Test("controls keep what they are set to, within their range, for every program")
  func controls() throws {
    let camera = try camera()
    let (probe, other) = (try Probe(camera.path), try Probe(camera.path))
    try probe.set(.brightness, to: 700)
    #expect(try other.value(of: .brightness) == 255)
    #expect(camera.value(of: .brightness) == 255)
    #expect(throws: Probe.Failure.self) { try probe.set(.powerLineFrequency, to: 3) }
    #expect(errno == ERANGE)
  }

  // MARK: Frames

  @Test(
    "frames come when told to, in order, with the picture that is painted",
    arguments: [CameraStandInDescription.FourCC.yuyv, .nv12, .yu12], [false, true])
  func frames(fourCC: CameraStandInDescription.FourCC, isMultiplanar: Bool) throws {
    let camera = try camera(
      [Format(fourCC, sizes: [Size(64, 48)])], kind: isMultiplanar ? .multiplanarCapture : .capture)
    let probe = try Probe(camera.path, isMultiplanar: isMultiplanar)
    let length = try probe.set(fourCC, 64, 48).length
    try probe.start()
    #expect(probe.poll() == 0)
    try camera.deliver(3)
    var times: [Int] = []
    for number in 0..<3 {
      #expect(probe.poll() == Int16(POLLIN))
      let frame = try probe.dequeue()
      #expect(frame.sequence == number)
      #expect(frame.index == number)
      #expect(frame.bytes.count == length)
      #expect(frame.flags & UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) != 0)
      #expect(frame.bytes[0] == UInt8(2 * number))
      times.append(frame.microseconds)
    }
    #expect(times == times.sorted())
    #expect(probe.poll() == 0)
    #expect(throws: Probe.Failure.self) { try probe.dequeue() }
    #expect(errno == EAGAIN)
  }

  @Test("a frame without a buffer is lost, and its number is missing")
  func lost() throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    try probe.start(buffers: 2)
    try camera.deliver(3)
    #expect(camera.framesLost == 1)
    let first = try probe.dequeue()
    try probe.queue(first.index)
    try camera.deliver()
    #expect(try [probe.dequeue().sequence, probe.dequeue().sequence] == [1, 3])
  }

  @Test("left to itself a camera makes frames until it is told to stop")
  func clock() throws {
    let camera = try camera(pace: .clock)
    let probe = try Probe(camera.path)
    try probe.start()
    for _ in 0..<3 {
      #expect(probe.poll(milliseconds: 10_000) == Int16(POLLIN))
      try probe.queue(try probe.dequeue().index)
    }
    try probe.streamOff()
    #expect(!camera.isStreaming)
    #expect(probe.poll() == 0)
  }

  // MARK: Accounts

  @Test("what is opened, allocated and mapped is counted until it is given back")
  func accounts() throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    #expect(camera.openDescriptors == 1)
    #expect(camera.owner == nil)
    try probe.start(buffers: 3)
    #expect(camera.owner == getpid())
    #expect((camera.allocatedBuffers, camera.mappedBuffers) == (3, 3))
    probe.close()
    // What is mapped is open.
    #expect(camera.openDescriptors == 1)
    probe.unmap()
    #expect((camera.openDescriptors, camera.allocatedBuffers, camera.mappedBuffers) == (0, 0, 0))
    #expect(!camera.isStreaming)
    #expect(camera.owner == nil)
  }

  @Test("a copy of a descriptor keeps the device open")
  func copies() throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    let copy = dup(probe.descriptor)
    probe.close()
    var capability = v4l2_capability()
    #expect(cv4l2_querycap(copy, &capability) == 0)
    #expect(camera.openDescriptors == 1)
    close(copy)
    #expect(camera.openDescriptors == 0)
  }

  @Test("who has no buffers is told that the device is busy while somebody else has")
  func ownership() throws {
    let camera = try camera()
    let (owner, other) = (try Probe(camera.path), try Probe(camera.path))
    try owner.start()
    for action in [{ try other.request(2) }, { _ = try other.set(.yuyv, 64, 48) }, { try other.streamOn() }] {
      #expect(throws: Probe.Failure.self) { try action() }
      #expect(errno == EBUSY)
    }
    owner.unmap()
    try owner.streamOff()
    try owner.request(0)
    try other.start()
  }
}
