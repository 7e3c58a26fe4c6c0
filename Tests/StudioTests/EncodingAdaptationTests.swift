import NIOCore
import TestSupport
import Testing
import Video

@testable import Studio

/// An encoder in virtual time: its bitrate is the target, and its quantizer what the content makes of that.
private struct Studio {
  static let source = VideoFormat(width: 1280, height: 720, frameRate: FrameRate(25))

  var adaptation = EncodingAdaptation(source: source)
  var clock = ManualClock()
  /// The demand of the content, where 1 is what is assumed of unknown content.
  var content = 1.0
  /// The share of the frame interval that encoding takes at the source's size.
  var load = 0.1
  /// What the encoder is set to, in parts of the bitrate.
  var momentaryPart = 1.0
  private(set) var choices: [EncodingAdaptation.Choice] = []

  var size: String { choices.last!.size.description }
  /// The number of changes of the size.
  var changes: Int { zip(choices, choices.dropFirst()).count { $0.size != $1.size } }

  mutating func run(_ time: TimeAmount, target: Int) {
    let end = clock.now + time
    while clock.now < end {
      let choice = adaptation.choose(
        target: target, momentary: Int(momentaryPart * Double(target)), now: clock.now)
      let isKeyFrame = choice.size != choices.last?.size
      choices.append(choice)
      let samples = Double(choice.size.width * choice.size.height)
      let step = EncodingStep.all(of: Self.source).first { $0.size == choice.size && $0.frameRate == choice.frameRate }!
      adaptation.record(
        bytes: target / 8 / Int(choice.frameRate.framesPerSecond),
        quantizer: Self.quantizer(stepSize: 122 * content * step.demand / Double(target)), isKeyFrame: isKeyFrame,
        share: load * samples / Double(1280 * 720), isNearlyFastest: true, now: clock.now)
      clock.advance(by: choice.frameRate.interval)
    }
  }

  private static func quantizer(stepSize: Double) -> Int {
    (0...127).last { ContentDemand.quantizerStepSize(of: $0) <= stepSize } ?? 2
  }
}

@Suite("The size and the frame rate that pictures are encoded in")
struct EncodingAdaptationTests {
  private var studio = Studio()

  @Test(
    "begin with what the bitrate alone allows",
    arguments: [
      (100_000, "320x180", 10), (300_000, "320x180", 25), (700_000, "480x270", 25), (1_000_000, "640x360", 25),
      (1_700_000, "960x540", 25), (2_500_000, "1280x720", 25),
    ])
  mutating func first(target: Int, size: String, frameRate: Int) {
    #expect(studio.adaptation.firstSize(target: target).description == size)
    studio.run(.milliseconds(1), target: target)
    #expect(studio.size == size && studio.choices[0].frameRate == FrameRate(Int32(frameRate)))
  }

  @Test("grow at once in the first two seconds, in one large step")
  mutating func beginning() {
    studio.run(.milliseconds(200), target: 300_000)
    studio.run(.milliseconds(200), target: 800_000)
    #expect(studio.size == "320x180", "to the next size alone it waits")
    studio.run(.milliseconds(40), target: 2_800_000)
    #expect(studio.size == "1280x720" && studio.changes == 1)
  }

  @Test("are larger for content that needs less, within the first second")
  mutating func easyContent() {
    studio.content = 0.2
    studio.run(.milliseconds(900), target: 300_000)
    #expect(studio.size == "640x360" && studio.changes == 1)
  }

  @Test(
    "become smaller still where much waits, so that the key frame comes soon",
    arguments: [(1.0, "960x540"), (0.3, "640x360")])
  mutating func backlog(momentaryPart: Double, size: String) {
    studio.run(.seconds(5), target: 2_800_000)
    #expect(studio.size == "1280x720")
    studio.momentaryPart = momentaryPart
    studio.run(.milliseconds(40), target: 1_800_000)
    #expect(studio.size == size)
  }

  @Test("are smaller within a second when the content needs more")
  mutating func busyContent() {
    studio.run(.seconds(20), target: 2_800_000)
    #expect(studio.size == "1280x720")
    studio.content = 3
    studio.run(.seconds(1), target: 2_800_000)
    #expect(studio.choices.last!.size.width <= 960)
    studio.run(.seconds(1), target: 2_800_000)
    #expect(studio.choices.last!.size.width <= 640)
  }

  @Test("follow a lower bitrate with the next frame, in one step")
  mutating func squeeze() {
    studio.run(.seconds(10), target: 2_500_000)
    studio.run(.milliseconds(1), target: 500_000)
    #expect(studio.size == "320x180" && studio.changes == 1)
    #expect(studio.choices.last?.limitation == .bandwidth)
  }

  @Test("follow a higher bitrate after three seconds")
  mutating func recovery() {
    studio.run(.seconds(10), target: 500_000)
    studio.run(.milliseconds(2_900), target: 2_800_000)
    #expect(studio.size == "320x180")
    studio.run(.milliseconds(200), target: 2_800_000)
    #expect(studio.size == "1280x720" && studio.choices.last?.limitation == QualityLimitation.Reason.none)
  }

  @Test("rest for every bitrate", arguments: [0.05, 0.2, 1, 3])
  mutating func rest(content: Double) {
    for target in stride(from: 60_000, through: 3_000_000, by: 70_000) {
      studio = Studio()
      studio.content = content
      studio.run(.seconds(30), target: target)
      let changes = studio.changes
      studio.run(.seconds(120), target: target)
      #expect(studio.changes == changes, "at \(target)")
    }
  }

  @Test("rest while the bitrate swings by a tenth")
  mutating func swing() {
    for middle in stride(from: 200_000, through: 2_500_000, by: 100_000) {
      studio = Studio()
      studio.run(.seconds(20), target: middle)
      let changes = studio.changes
      for _ in 0..<60 {
        studio.run(.seconds(1), target: middle * 9 / 10)
        studio.run(.seconds(1), target: middle * 11 / 10)
      }
      #expect(studio.changes <= changes + 1, "around \(middle)")
    }
  }

  @Test("grow ever more seldom when each step up has to be taken back")
  mutating func backOff() {
    studio.run(.seconds(10), target: 500_000)
    var ups = 0
    for _ in 0..<120 {
      studio.run(.seconds(4), target: 2_800_000)
      let isLarge = studio.size == "1280x720"
      ups += isLarge ? 1 : 0
      studio.run(.seconds(1), target: 500_000)
    }
    #expect((1...3).contains(ups))
  }

  @Test("have a lower frame rate only in the smallest size, and the source's again when there is room")
  mutating func frameRate() {
    studio.run(.seconds(10), target: 180_000)
    #expect(studio.size == "320x180" && studio.choices.last?.frameRate == FrameRate(15))
    studio.run(.seconds(10), target: 100_000)
    #expect(studio.size == "320x180" && studio.choices.last?.frameRate == FrameRate(10))
    studio.run(.seconds(10), target: 400_000)
    #expect(studio.choices.last?.frameRate == FrameRate(25))
    #expect(studio.choices.allSatisfy { $0.frameRate == FrameRate(25) || $0.size.width == 320 })
  }

  @Test("are smaller within a second on a host that is too slow, whatever the bitrate is")
  mutating func slowHost() {
    studio.load = 2
    studio.run(.seconds(1), target: 5_000_000)
    #expect(studio.size == "480x270" && studio.choices.last?.limitation == .cpu)
  }

  @Test("are tried larger again on a slow host, ever more seldom")
  mutating func slowHostTrials() {
    studio.load = 1.5
    studio.run(.seconds(1), target: 5_000_000)
    #expect(studio.size == "480x270")
    studio.load = 0.2
    studio.run(.seconds(60), target: 5_000_000)
    #expect(studio.size == "1280x720" && studio.choices.last?.limitation == QualityLimitation.Reason.none)
  }

  @Test("of a source that is small already stay")
  func smallSource() {
    var adaptation = EncodingAdaptation(source: VideoFormat(width: 64, height: 64, frameRate: FrameRate(25)))
    let choice = adaptation.choose(target: 100_000, momentary: 100_000, now: ManualClock().now)
    #expect(choice == .init(size: .init(width: 64, height: 64), frameRate: FrameRate(25), limitation: .none))
  }
}
