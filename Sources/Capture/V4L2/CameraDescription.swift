/// One capture node as `jinglecam devices` tells of it; its JSON form is described in the page JSON.
package struct CameraDescription: Codable, Equatable, Sendable {
  package struct Format: Codable, Equatable, Sendable {
    /// Four characters.
    package let name: String
    package let description: String
    /// Whether there is a way from it to VP8.
    package let isUsable: Bool
    /// Why it is taken only where there is nothing else; `nil` where that is not so.
    package var remark: String?
    package let sizes: [Size]
  }

  /// One size, or with `largestWidth` and its kin all sizes from one to another.
  package struct Size: Codable, Equatable, Sendable {
    package let width: Int
    package let height: Int
    package var largestWidth: Int?
    package var largestHeight: Int?
    /// Frames a second; none where the driver does not say.
    package let rates: [Double]
    /// Whether `rates` are the slowest and the fastest of all between.
    package let isRateRange: Bool
  }

  package struct Control: Codable, Equatable, Sendable {
    package let name: String
    package let value: Int?
    package let standard: Int
    /// What may be given, for a person.
    package let choices: String
    package let isReadOnly: Bool
  }

  package let path: String
  /// The link under `/dev/v4l` by which it is found again after it was unplugged.
  package let stablePath: String?
  package var card = ""
  package var driver = ""
  package var bus = ""
  /// Whether SOURCE `camera` means it now; `nil` where nobody looked.
  package var isFirstChoice: Bool?
  /// Why it cannot be streamed, and what to do; `nil` where it can.
  package var problem: String?
  package var formats: [Format] = []
  package var controls: [Control] = []

  init(path: String, stablePath: String?, problem: String?) {
    self.path = path
    self.stablePath = stablePath
    self.problem = problem
  }
}
