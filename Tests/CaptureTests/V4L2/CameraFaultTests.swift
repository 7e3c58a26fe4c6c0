import Foundation
import Glibc
import TestSupport
import Testing

@testable import Capture

@Suite("Faults of cameras") struct CameraFaultTests {
  private typealias Format = TestCamera.Format
  private typealias Size = TestCamera.Size

  // MARK: In mid-stream

  @Test("an unplugged camera is replaced by a no-signal picture and found under another number")
  func unplugged() throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    camera.standIn.unplug()
    #expect(try !source.see { !$0.isSignal }.isSignal)
    #expect(try !source.see().isSignal)
    #expect(source.counters.framesWithoutSignal >= 2)
    try camera.standIn.replug(as: "video7")
    #expect(try source.see { $0.isSignal }.isSignal)
    #expect(source.format.width == 64)
  }

  @Test("a camera source tells whether a picture is its own or a substitute")
  func signal() throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.nextFrame { _ in source.hasSignal } == true)
    camera.standIn.unplug()
    #expect(try !source.see { !$0.isSignal }.isSignal)
    #expect(try source.nextFrame { _ in source.hasSignal } == false)
    try camera.standIn.replug(as: "video7")
    #expect(try source.see { $0.isSignal }.isSignal)
    #expect(try source.nextFrame { _ in source.hasSignal } == true)
  }

  @Test("another camera under the same number is not taken for the unplugged one")
  func replaced() throws {
    let camera = try TestCamera(byID: nil, pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    camera.standIn.unplug()
    #expect(try !source.see { !$0.isSignal }.isSignal)
    let other = try camera.addNode("video0", [Format(.yuyv, sizes: [Size(64, 48)])])
    for _ in 0..<3 { #expect(try !source.see().isSignal) }
    #expect(!other.isStreaming)
  }

  @Test("a camera that hangs is replaced by a no-signal picture until it continues")
  func stalled() throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    camera.standIn.stall()
    #expect(try !source.see { !$0.isSignal }.isSignal)
    camera.standIn.resume()
    #expect(try source.see { $0.isSignal }.isSignal)
  }

  @Test("a camera is opened again after a fatal error before a no-signal picture is shown")
  func fatalError() throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    camera.standIn.failDequeue(EIO)
    for _ in 0..<5 { #expect(try source.see().isSignal) }
  }

  @Test("a camera that fails after each opening does not suppress the no-signal picture")
  func failsAgain() throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    camera.standIn.stall()
    for _ in 0..<3 { #expect(try !source.see { !$0.isSignal }.isSignal) }
  }

  @Test("pictures that the driver marks as damaged are left out and counted")
  func erroneous() throws {
    let camera = try TestCamera()
    let source = try camera.open()
    camera.standIn.markErroneous(next: 2)
    try camera.standIn.deliver(3)
    #expect(try source.see().isSignal)
    #expect(source.counters.framesCorrupt == 2)
    #expect(source.counters.framesSkipped == 0)
  }

  @Test("truncated and damaged JPEG pictures are left out and counted", arguments: [true, false])
  func damagedJPEG(_ isTruncated: Bool) throws {
    let camera = try TestCamera([Format(.mjpeg, sizes: [Size(64, 48)])], pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    isTruncated ? camera.standIn.truncate(next: 3) : camera.standIn.corrupt(next: 3)
    while source.counters.framesCorrupt < 1 { #expect(try source.see().isSignal) }
  }

  @Test("JPEG pictures without Huffman tables are shown")
  func withoutHuffmanTables() throws {
    let camera = try TestCamera([Format(.mjpeg, sizes: [Size(64, 48)])])
    camera.standIn.stripHuffmanTables = true
    let source = try camera.open()
    try camera.standIn.deliver()
    #expect(try source.see().isSignal)
  }

  @Test("incomplete raw pictures are left out and counted")
  func short() throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    camera.standIn.shorten(next: 2)
    while source.counters.framesCorrupt < 2 { #expect(try source.see().isSignal) }
  }

  @Test(
    "a camera without any decodable picture is replaced by a no-signal picture with a reason",
    arguments: [[0, 0, 0, 1, 0x67, 0x42], [0], .init(repeating: 0xff, count: 500)] as [[UInt8]])
  func undecodable(_ frame: [UInt8]) throws {
    let camera = try TestCamera(.mjpeg, 64, 48, frame: frame, pace: .clock)
    let source = try camera.open()
    let start = ContinuousClock.now
    for _ in 0..<3 { #expect(try !source.see().isSignal) }
    // Patience is 0.3 s; a no-signal picture is due each 0.2 s from then on, whatever else comes.
    #expect(ContinuousClock.now - start >= .milliseconds(300))
    guard case .undecodable(let reason)? = source.trouble else {
      Issue.record("\(String(describing: source.trouble))")
      return
    }
    #expect(reason.contains("no JPEG picture begins"))
    #expect(source.counters.framesCorrupt > 3 && source.counters.framesWithoutSignal == 3)
    let whole = JPEGSample().encode { _, _ in [UInt8](repeating: TestCamera.y, count: 3) }
    try camera.show(whole, as: .mjpeg, 64, 48)
    _ = try source.see { $0.y != 48 && source.hasSignal }
    #expect(source.trouble == nil)
  }

  @Test("a lost camera and a silent one report their trouble", arguments: [true, false])
  func trouble(_ isLost: Bool) throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal && source.trouble == nil)
    isLost ? camera.standIn.unplug() : camera.standIn.stall()
    #expect(try !source.see { !$0.isSignal }.isSignal)
    #expect(source.trouble == (isLost ? .lost(reason: "No such device") : .silent))
  }

  // MARK: From the start

  private func failure(_ camera: TestCamera, _ path: String? = nil) -> CaptureError? {
    do throws(CaptureError) {
      _ = try CameraSource(path: path ?? camera.path, options: .init(), in: camera.directory)
      return nil
    } catch {
      return error
    }
  }

  @Test("a camera in use by another program is reported with that program if possible")
  func busy() throws {
    let camera = try TestCamera()
    camera.standIn.isBusy = true
    #expect(failure(camera) == .cameraBusy(path: camera.path, holder: nil))
    let process = try ChildProcess(["/bin/sleep", "60"], input: FileHandle(forReadingAtPath: camera.path))
    defer {
      process.kill()
      process.wait()
    }
    let holder = "sleep (process \(process.processIdentifier))"
    // Until its exec is done, the child has our name.
    while DeviceOwnership.holder(of: camera.path) != holder { sched_yield() }
    #expect(failure(camera) == .cameraBusy(path: camera.path, holder: holder))
  }

  @Test("a second reader of a camera is told that it is in use")
  func secondReader() throws {
    let camera = try TestCamera()
    let first = try camera.open()
    #expect(failure(camera) == .cameraBusy(path: camera.path, holder: nil))
    try camera.standIn.deliver()
    #expect(try first.see().isSignal, "the first goes on")
  }

  @Test("a full USB bus, a forbidden camera and a failing one have different errors")
  func cannotOpen() throws {
    let camera = try TestCamera()
    camera.standIn.failStreamOn(ENOSPC)
    #expect(failure(camera) == .noBusBandwidth(path: camera.path))
    camera.standIn.failStreamOn(EIO)
    #expect(failure(camera) == .cameraFailed(path: camera.path, reason: "Input/output error"))
    camera.standIn.failStreamOn(0)
    camera.standIn.failOpen(EACCES)
    guard case .cameraForbidden(_, let group?) = failure(camera) else {
      Issue.record("not forbidden")
      return
    }
    #expect(!group.isEmpty)
    #expect(camera.standIn.openDescriptors == 0)
  }

  @Test("a bus that has no room for raw pictures may have it for JPEG", arguments: [ENOSPC, ENOMEM])
  func jpegInstead(_ code: Int32) throws {
    let camera = try TestCamera([Format(.yuyv, sizes: [Size(64, 48)]), Format(.mjpeg, sizes: [Size(64, 48)])])
    camera.standIn.failRawStreamOn(code)
    #expect(try camera.open().mode.format == "MJPG")
    camera.standIn.failStreamOn(code)
    #expect(failure(camera) == .noBusBandwidth(path: camera.path))
  }

  @Test("a device that is no camera is refused")
  func noCamera() throws {
    let camera = try TestCamera()
    let metadata = try camera.addNode("video1", [.metadata], kind: .metadata)
    for path in [metadata.path, "/dev/null"] {
      guard case .notCamera(path, _) = failure(camera, path) else {
        Issue.record("\(path) was taken for a camera")
        continue
      }
    }
    let missing = "\(camera.standIn.directory)/video9"
    #expect(failure(camera, missing) == .noSuchCamera(path: missing))
  }

  @Test("a sensor without an image processor is refused with a remedy")
  func rawSensor() throws {
    let camera = try TestCamera([Format(.rg10, sizes: [Size(64, 48)])])
    let error = try #require(failure(camera))
    #expect(error == .rawSensor(path: camera.path))
    #expect(error.description.contains("sudo apt install rpicam-apps"))
  }
}
