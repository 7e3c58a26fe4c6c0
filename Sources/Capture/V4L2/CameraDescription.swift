/// A capture node as `jinglecam devices` describes it. The documentation page JSON describes its JSON form.
package struct CameraDescription: Codable, Equatable, Sendable {
  package struct Format: Codable, Equatable, Sendable {
    /// The four characters that identify the format.
    package let name: String
    package let description: String
    /// Whether pictures in this format can be encoded.
    package let isUsable: Bool
    /// Why the format is used only if there is no other; nil if that is not so.
    package var remark: String?
    package let sizes: [Size]
  }

  /// A size or, with `largestWidth` and `largestHeight`, a range of sizes.
  package struct Size: Codable, Equatable, Sendable {
    package let width: Int
    package let height: Int
    package var largestWidth: Int?
    package var largestHeight: Int?
    /// The rates in frames per second; empty if the driver does not state them.
    package let rates: [Double]
    /// Whether `rates` are the lowest and the highest rate of a range.
    package let isRateRange: Bool
  }

  package struct Control: Codable, Equatable, Sendable {
    package let name: String
    package let value: Int?
    package let standard: Int
    /// The accepted values, as a text for users.
    package let choices: String
    package let isReadOnly: Bool
  }

  package let path: String
  /// The link under `/dev/v4l` by which the camera is found again after it was unplugged.
  package let stablePath: String?
  package var card = ""
  package var driver = ""
  package var bus = ""
  /// Whether the SOURCE `camera` selects it now; nil if that was not determined.
  package var isFirstChoice: Bool?
  /// Why the camera cannot be streamed and what to do; nil if it can.
  package var problem: String?
  package var formats: [Format] = []
  package var controls: [Control] = []

  init(path: String, stablePath: String?, problem: String?) {
    self.path = path
    self.stablePath = stablePath
    self.problem = problem
  }
}
