import Foundation

/// A made-up ribbon camera: a directory with programs that behave as those of rpicam-apps. The programs are links to
/// `Tests/RibbonCameraStandIn/rpicam-vid`.
package final class RibbonCameraStandIn {
  /// What one run of the program does.
  package struct Life: Encodable {
    package enum Ending: String, Encodable { case exit, hang }

    /// The number of pictures; nil: without an end.
    package var pictures: Int?
    /// What rows are padded to; 0: nothing.
    package var alignment = 64
    /// The size that the camera is set to, if it is not the one that is asked for.
    package var size: [Int]?
    /// Whether it tells how many bytes a picture has.
    package var tells = true
    package var ending = Ending.exit
    /// What it says at its end.
    package var error: String?

    package init(
      pictures: Int? = nil, alignment: Int = 64, size: [Int]? = nil, tells: Bool = true, ending: Ending = .exit,
      error: String? = nil
    ) {
      self.pictures = pictures
      self.alignment = alignment
      self.size = size
      self.tells = tells
      self.ending = ending
      self.error = error
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      // Python's reader wants each key.
      try container.encode(pictures, forKey: .pictures)
      try container.encode(alignment, forKey: .alignment)
      try container.encode(size, forKey: .size)
      try container.encode(tells, forKey: .tells)
      try container.encode(ending, forKey: .ending)
      try container.encode(error, forKey: .error)
    }

    private enum CodingKeys: CodingKey { case pictures, alignment, size, tells, ending, error }
  }

  /// A run that was begun.
  package struct Run: Decodable {
    package let process: pid_t
    package let arguments: [String]
    /// The names of its environment's variables.
    package let variables: [String]

    package var isAlive: Bool { kill(process, 0) == 0 }
  }

  private struct Plan: Encodable {
    let lives: [Life]
    let list: String
    let clip: String?
  }

  /// As a Raspberry Pi 5 with two cameras lists them.
  package static let list = """
    Available cameras
    -----------------
    0 : imx708 [4608x2592 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@88000/imx708@1a)
        Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps - (768, 432)/3072x1728 crop]
                                 2304x1296 [56.03 fps - (0, 0)/4608x2592 crop]
                                 4608x2592 [14.35 fps - (0, 0)/4608x2592 crop]

    1 : ov5647 [2592x1944 10-bit GBRG] (/base/axi/pcie@120000/rp1/i2c@80000/ov5647@36)
        Modes: 'SGBRG10_CSI2P' : 640x480 [58.92 fps - (16, 0)/2560x1920 crop]

    """

  /// For `PATH`.
  package let directory: String

  /// - Parameters:
  ///   - lives: what the runs do in turn; the last is repeated.
  ///   - prefix: `libcamera` for the older names.
  ///   - clip: a file of I420 pictures without padding, which are shown instead of rows of different brightness.
  package init(
    _ lives: [Life] = [Life()], prefix: String = "rpicam", list: String = list, clip: String? = nil
  ) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    let program = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "RibbonCameraStandIn/rpicam-vid")
    for name in ["vid", "hello"] {
      try FileManager.default.createSymbolicLink(
        at: root.appending(path: "\(prefix)-\(name)"), withDestinationURL: program)
    }
    try JSONEncoder().encode(Plan(lives: lives, list: list, clip: clip)).write(to: root.appending(path: "lives.json"))
    directory = root.path
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// The runs so far.
  package var runs: [Run] {
    guard let lines = try? String(contentsOfFile: "\(directory)/lives", encoding: .utf8) else { return [] }
    return lines.split(separator: "\n").compactMap { try? JSONDecoder().decode(Run.self, from: Data($0.utf8)) }
  }
}
