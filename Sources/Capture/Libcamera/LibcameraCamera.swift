import Glibc
import NIOCore
import Synchronization
import Video

/// A camera in the list of `rpicam-hello --list-cameras`.
struct LibcameraCamera: Equatable, Sendable {
  struct Mode: Equatable, Sendable {
    let size: PictureSize
    /// The highest rate in frames per second; nil if the list does not state it.
    let rate: Double?
    /// What is read of the sensor, in its pixels; nil if the list does not state it.
    let crop: PictureSize?
    /// The bits of a sample; nil if the list does not state them.
    let bits: Int?
  }

  let number: Int
  /// The sensor, such as `imx708`.
  let model: String
  /// The name that libcamera gives the camera, such as `/base/soc/i2c0mux/i2c@1/imx708@1a`.
  let name: String
  /// The modes of the sensor. The pictures may have any size.
  private(set) var modes: [Mode] = []

  /// What all names begin with: the root of the device tree.
  private static let root = "/base/"
  private static let mostCameras = 16
  private static let mostModes = 64

  /// Whether SOURCE is the name of a camera that only libcamera knows.
  static func isName(_ source: String) -> Bool { source.hasPrefix(root) }

  /// Reads the list.
  static func list(in text: Substring) -> [LibcameraCamera] {
    var cameras: [LibcameraCamera] = []
    var bits: Int?
    for line in text.split(separator: "\n") {
      if let camera = LibcameraCamera(line: line) {
        guard cameras.count < mostCameras else { break }
        cameras.append(camera)
      } else if !cameras.isEmpty {
        cameras[cameras.count - 1].addModes(of: line, &bits)
      }
    }
    return cameras
  }

  /// `0 : imx708 [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx708@1a)`
  private init?(line: Substring) {
    let words = line.split(separator: " ")
    guard words.count >= 4, let number = Int(words[0]), number >= 0, words[1] == ":", let name = words.last,
      name.hasPrefix("(\(Self.root)"), name.hasSuffix(")")
    else { return nil }
    self.number = number
    model = String(words[2])
    self.name = String(name.dropFirst().dropLast())
  }

  /// The mode that shows most of the scene, for pictures of that size and rate; nil if the list does not state what is read.
  ///
  /// Left to itself `rpicam-vid` prefers a mode of about the size of the pictures, which of many sensors is the middle.
  func widestMode(for size: PictureSize, rate: FrameRate) -> Mode? {
    var best: (mode: Mode, rank: (Int, Int, Int))?
    for mode in modes {
      guard let crop = mode.crop, let bits = mode.bits, mode.rate ?? 0 >= rate.leastEquivalent,
        mode.size.width >= size.width, mode.size.height >= size.height
      else { continue }
      // Of those that read as much, the smallest, and of those the one with the finest samples.
      let rank = (crop.width * crop.height, -mode.size.width * mode.size.height, bits)
      if let best, best.rank >= rank { continue }
      best = (mode, rank)
    }
    return best?.mode
  }

  /// `    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps - (768, 432)/3072x1728 crop]`; old versions have several sizes in
  /// one line, and no rates.
  ///
  /// - Parameter bits: those of the format that was named last, which is not repeated in each line.
  private mutating func addModes(of line: Substring, _ bits: inout Int?) {
    let words = line.split(separator: " ")
    for (index, word) in words.enumerated() where modes.count < Self.mostModes {
      if word.hasPrefix("'") { bits = Int(word.drop { !$0.isNumber }.prefix { $0.isNumber }) }
      guard let size = PictureSize(written: word) else { continue }
      let next = index + 1 < words.count ? words[index + 1] : ""
      let rate = next.hasPrefix("[") ? Double(next.dropFirst()) : nil
      // `(768, 432)/3072x1728`
      let crop = index + 5 < words.count ? words[index + 5].split(separator: "/").last : nil
      let mode = Mode(
        size: size, rate: rate.flatMap { $0.isFinite && $0 > 0 && $0 < 10_000 ? $0 : nil },
        crop: rate == nil ? nil : crop.flatMap { PictureSize(written: $0) }, bits: bits)
      if !modes.contains(mode) { modes.append(mode) }
    }
  }
}

extension LibcameraPrograms {
  private static let longestList = 65_536
  private static let longestTime = TimeAmount.seconds(10)

  /// The cameras that `rpicam-hello` lists; none if it is not installed, or fails.
  func cameras() -> [LibcameraCamera] {
    guard let hello,
      let program = try? ChildProgram(hello, ["--list-cameras"], environment: environment)
    else { return [] }
    return LibcameraCamera.list(in: Self.output(of: program))
  }

  /// The first camera of which that is true. They are listed once: those of a Raspberry Pi are found when it starts, and
  /// not later.
  func camera(where isWanted: (LibcameraCamera) -> Bool) -> LibcameraCamera? {
    guard let hello else { return nil }
    let known = Self.known.withLock { $0[hello] } ?? []
    let cameras = known.isEmpty ? self.cameras() : known
    Self.known.withLock { $0[hello] = cameras }
    return cameras.first(where: isWanted)
  }

  /// The cameras by the path of `rpicam-hello`.
  private static let known = Mutex<[String: [LibcameraCamera]]>([:])

  private static func output(of program: borrowing ChildProgram) -> Substring {
    let end = NIODeadline.now() + longestTime
    var text: [UInt8] = []
    withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
      while text.count < longestList {
        var wait = pollfd(fd: program.output, events: Int16(POLLIN), revents: 0)
        let left = Int32(clamping: max(0, (end - .now()).nanoseconds) / 1_000_000)
        let isReady = poll(&wait, 1, left)
        if isReady == 0 { break }
        let count = isReady < 0 ? -1 : read(program.output, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count > 0 else { break }
        text += buffer[..<count]
      }
    }
    return Substring(decoding: text, as: UTF8.self)
  }
}

extension CameraDescription {
  init(_ camera: LibcameraCamera, program: String) {
    self.init(path: camera.name, stablePath: nil, problem: nil)
    card = camera.model
    driver = program
    var sizes: [Size] = []
    for mode in camera.modes {
      let size = Size(
        width: mode.size.width, height: mode.size.height, rates: mode.rate.map { [$0] } ?? [], isRateRange: false)
      if !sizes.contains(size) { sizes.append(size) }
    }
    formats = [
      Format(name: "YU12", description: "made of the sensor's data, in any size up to", isUsable: true, sizes: sizes)
    ]
  }
}
