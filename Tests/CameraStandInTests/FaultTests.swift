import CV4L2
import Foundation
import Glibc
import TestSupport
import Testing

/// That each fault is what a program would see of a real camera.
@Suite struct FaultTests {
  typealias Format = CameraStandInDescription.Format
  typealias Size = CameraStandInDescription.Size

  private let folder: DeviceFolder

  init() throws {
    folder = try DeviceFolder()
  }

  private func camera(
    _ fourCC: CameraStandInDescription.FourCC = .yuyv, sizes: [Size] = [Size(64, 48)], frames: String = ""
  ) throws -> CameraStandIn {
    try CameraStandIn(
      directory: folder.path, byID: "usb-Acme_Cam-video-index0",
      formats: [Format(fourCC, sizes: sizes, rates: [30, 15])],
      controls: CameraStandInDescription.Control.usual, frames: frames)
  }

  private func failure(_ body: () throws -> Void) -> Int32? {
    do {
      try body()
      return nil
    } catch {
      return (error as? Probe.Failure)?.code
    }
  }

  private func frames(_ camera: CameraStandIn, _ probe: Probe, _ count: Int) throws -> [Probe.Frame] {
    try camera.deliver(count)
    return try (0..<count).map { _ in
      let frame = try probe.dequeue()
      try probe.queue(frame.index)
      return frame
    }
  }

  // MARK: The device

  @Test("unplugged: the node is gone, poll says so, every call is ENODEV; it comes back under another number")
  func unplugged() throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    try probe.start()
    camera.unplug()
    #expect(probe.poll(milliseconds: 10_000) & Int16(POLLERR | POLLHUP) == Int16(POLLERR | POLLHUP))
    #expect(failure { _ = try probe.dequeue() } == ENODEV)
    #expect(failure { _ = try probe.capability() } == ENODEV)
    #expect(failure { try probe.queue(0) } == ENODEV)
    #expect(access(camera.path, F_OK) == -1)
    #expect(access(try #require(camera.stablePath), F_OK) == -1)

    try camera.replug(as: "video3")
    #expect(failure { _ = try probe.capability() } == ENODEV)
    let again = try Probe(try #require(camera.stablePath))
    try again.start()
    #expect(try frames(camera, again, 1)[0].sequence == 0)
    #expect(camera.path.hasSuffix("/video3"))
    #expect(camera.openDescriptors == 2)
  }

  @Test("a program that waits for a frame is woken when the camera is unplugged")
  func wokenByUnplug() async throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    #expect(fcntl(probe.descriptor, F_SETFL, 0) == 0)
    try probe.start()
    let unplugging = Task { camera.unplug() }
    #expect(failure { _ = try probe.dequeue() } == ENODEV)
    await unplugging.value
  }

  @Test("errors of open, STREAMON and DQBUF are those that are asked for")
  func errors() throws {
    let camera = try camera()
    camera.failOpen(EACCES)
    #expect(failure { _ = try Probe(camera.path) } == EACCES)
    #expect(access(camera.path, R_OK | W_OK) == -1)
    #expect(camera.openDescriptors == 0)
    camera.failOpen(0)
    let probe = try Probe(camera.path)
    camera.failStreamOn(ENOSPC)
    #expect(failure { try probe.start() } == ENOSPC)
    camera.failStreamOn(0)
    try probe.streamOn()
    camera.failDequeue(EIO)
    #expect(probe.poll(milliseconds: 10_000) == Int16(POLLIN))
    #expect(failure { _ = try probe.dequeue() } == EIO)
    #expect(failure { _ = try probe.dequeue() } == EAGAIN)
    #expect(probe.poll() == 0)
  }

  @Test("busy: no format, no buffers")
  func busy() throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    camera.isBusy = true
    #expect(failure { try probe.set(.yuyv, 64, 48) } == EBUSY)
    #expect(failure { try probe.request(4) } == EBUSY)
    camera.isBusy = false
    try probe.start()
  }

  @Test("a camera that stalls loses frames without a word, and goes on afterwards")
  func stalled() throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    try probe.start()
    camera.stall()
    try camera.deliver(2)
    #expect(probe.poll() == 0)
    camera.resume()
    #expect(try frames(camera, probe, 1).count == 1)
  }

  @Test("another rate than was asked for")
  func forcedRate() throws {
    let camera = try camera()
    camera.forcedRate = 7
    #expect(try Probe(camera.path).setRate(30) == 7)
  }

  @Test("poor as libcamerify: no optional call, the first size for one that is not listed, mmap just so")
  func poor() throws {
    let camera = try camera(sizes: [Size(64, 48), Size(320, 240)])
    camera.isPoor = true
    let probe = try Probe(camera.path)
    #expect(failure { _ = try probe.setRate(30) } == ENOTTY)
    #expect(failure { _ = try probe.value(of: .brightness) } == ENOTTY)
    #expect(failure { _ = try probe.interval(.yuyv, 64, 48) } == ENOTTY)
    #expect(try probe.set(.yuyv, 300, 200).width == 64)
    #expect(try probe.set(.yuyv, 320, 240).width == 320)
    try probe.request(2)
    #expect(failure { try probe.map(0, protection: PROT_READ) } == EINVAL)
    #expect(failure { try probe.map(0, excess: 1) } == EINVAL)
    try probe.map(0)
  }

  // MARK: Frames

  @Test("the next frames are marked, and then no more")
  func erroneous() throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    try probe.start()
    camera.markErroneous(next: 2)
    let flags = try frames(camera, probe, 3).map { $0.flags & UInt32(V4L2_BUF_FLAG_ERROR) != 0 }
    #expect(flags == [true, true, false])
  }

  @Test("frames can be short")
  func short() throws {
    let camera = try camera()
    let probe = try Probe(camera.path)
    try probe.start()
    camera.shorten(next: 1)
    #expect(try frames(camera, probe, 2).map(\.bytes.count) == [64 * 48 * 2 - 16, 64 * 48 * 2])
  }

  @Test("times that mean nothing say so, and run backwards")
  func unknownTimestamps() throws {
    let camera = try camera()
    camera.hasUnknownTimestamps = true
    let probe = try Probe(camera.path)
    try probe.start()
    let frames = try frames(camera, probe, 2)
    #expect(frames.allSatisfy { $0.flags & UInt32(V4L2_BUF_FLAG_TIMESTAMP_MASK) == 0 })
    #expect(frames[1].microseconds < frames[0].microseconds)
  }

  @Test("JPEG pictures that are cut, flipped or without Huffman tables")
  func damagedJPEG() throws {
    let camera = try camera(.mjpeg, frames: folder.path)
    func next(_ probe: Probe) throws -> [UInt8] { try frames(camera, probe, 1)[0].bytes }
    var probe = try Probe(camera.path)
    try probe.start()
    let whole = try next(probe)
    #expect(whole.prefix(2) == [0xFF, 0xD8])
    #expect(whole.suffix(2) == [0xFF, 0xD9])
    #expect(hasHuffmanTables(whole))

    // From here on the one picture again and again.
    try Data(whole + whole).write(to: URL(filePath: "\(folder.path)/MJPG-64x48"))
    probe = try Probe(camera.path)
    try probe.start()
    #expect(try next(probe) == whole)
    camera.truncate(next: 1)
    #expect(try next(probe) == Array(whole.prefix(whole.count / 2)))
    camera.corrupt(next: 1)
    let damaged = try next(probe)
    let scan = try #require(zip(whole, whole.dropFirst()).enumerated().first { $1 == (0xFF, 0xDA) }).offset
    #expect(damaged.count == whole.count)
    #expect(damaged.prefix(scan + 14) == whole.prefix(scan + 14))
    #expect(damaged.suffix(from: scan + 14) != whole.suffix(from: scan + 14))
    camera.stripHuffmanTables = true
    let stripped = try next(probe)
    #expect(!hasHuffmanTables(stripped))
    #expect(stripped.suffix(from: stripped.count - (whole.count - scan)) == whole.suffix(from: scan))
    camera.stripHuffmanTables = false
    #expect(try next(probe) == whole)
  }

  private func hasHuffmanTables(_ bytes: [UInt8]) -> Bool {
    zip(bytes, bytes.dropFirst()).contains { $0 == (0xFF, 0xC4) }
  }
}
