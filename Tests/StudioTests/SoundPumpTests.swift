import NIOCore
import Sound
import Synchronization
import Testing

@testable import Capture
@testable import Studio

@Suite("The sound of a film beside its pictures")
struct SoundPumpTests {
  private final class Heard: Sendable {
    struct State {
      var pictures: [NIODeadline] = []
      var sounds: [EncodedSound] = []
      /// How much sound there was until the end of each of them, in milliseconds, with what was left out.
      var positions: [Int64] = []
    }

    let state = Mutex(State())
  }

  /// Plays a film of a second with a tone and tells of all that was made; `loops`: until there are two seconds of pictures.
  ///
  /// - Parameter isHeard: whether somebody listens after so many pictures.
  private func play(
    loops: Bool, hasSound: Bool = true, isStopped: Bool = false,
    isHeard: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) async throws -> Heard.State {
    let film = try await MadeUpFilm()
    let control = EncoderControl()
    var configuration = VideoConfiguration(
      source: film.path, limits: EncodingLimits(maximumBitrate: 200_000), loops: loops)
    configuration.sound = hasSound ? .file(track: nil) : .none
    let pump = try VideoPump.make(configuration, control: control)
    #expect(pump.hasSound == hasSound)
    if isStopped { control.sound.stop() }
    control.sound.setListening(isHeard(0))
    let heard = Heard()
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    control.start()
    VideoThread.start(
      pump,
      deliver: { frame, _ in
        let count = heard.state.withLock { state in
          state.pictures.append(frame.captureTime)
          return state.pictures.count
        }
        control.sound.setListening(isHeard(count))
        if count == 50 { control.stop() }
      },
      deliverSound: { sound, counters in
        heard.state.withLock { state in
          state.sounds.append(sound)
          state.positions.append(Int64((counters.totalSamplesDuration * 1000).rounded()))
        }
      },
      ended: { _ in continuation.yield() })
    _ = await ends.first { true }
    return heard.state.withLock { $0 }
  }

  @Test("each 20 ms has its time, from the first picture on, and goes on where the film begins again")
  func times() async throws {
    let heard = try await play(loops: true)
    let start = try #require(heard.pictures.first)
    let times = heard.sounds.map { ($0.captureTime - start).nanoseconds / 1_000_000 }
    // The last ones may not have been due when the pictures ended; a machine that is busy leaves some out.
    #expect(times.count >= 80)
    #expect(times.allSatisfy { $0 >= 0 && $0 % 20 == 0 })
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 > $0 })
    #expect(heard.sounds.allSatisfy { $0.data.readableBytes > 10 })
    // The first block of the film has the time of the first picture.
    let isInStep = zip(times, heard.positions).allSatisfy { time, end in time == end - 20 }
    #expect(isInStep, "\(times) \(heard.positions)")
  }

  @Test("it is not encoded while nobody listens, and is in step when somebody does again")
  func unheard() async throws {
    let heard = try await play(loops: true, isHeard: { !(10..<35).contains($0) })
    let start = try #require(heard.pictures.first)
    let times = heard.sounds.map { ($0.captureTime - start).nanoseconds / 1_000_000 }
    #expect(times.allSatisfy { $0 >= 0 && $0 % 20 == 0 })
    let steps = zip(times, times.dropFirst()).map { $1 - $0 }
    // A second, in which the film begins again.
    #expect((steps.max() ?? 0) > 800, "\(times)")
  }

  @Test("sound that goes on after the last picture is not played again when the next round is known late")
  func overhang() async throws {
    let film = try await MadeUpFilm()
    let clock = MediumClock(firstPicture: .zero)
    let pump = try #require(try FileSoundPump(film.path, track: nil, by: clock, bitrate: nil, SoundControl()))
    let start = NIODeadline.now()
    clock.roundBegins(0, at: .zero)
    clock.begin(at: start)
    var times: [Int64] = []
    pump.run { sound, _ in
      let time = (sound.captureTime - start).nanoseconds / 1_000_000
      if let former = times.last {
        // The pictures have ended 60 ms before what is heard now.
        if former < 100, time >= 100 { clock.roundBegins(1, at: .milliseconds(time - 60)) }
        if time >= 400 { clock.finish() }
      }
      times.append(time)
    }
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 >= $0 + 20 }, "\(times)")
    #expect((times.last ?? 0) >= 400)
  }

  @Test("there is none where none is wanted")
  func unwanted() async throws {
    #expect(try await play(loops: false, hasSound: false).sounds.isEmpty)
  }

  @Test("it can be ended before the pictures")
  func stopped() async throws {
    let heard = try await play(loops: true, isStopped: true)
    #expect(heard.sounds.isEmpty && heard.pictures.count >= 50)
  }
}
