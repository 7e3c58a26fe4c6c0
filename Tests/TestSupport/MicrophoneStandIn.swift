import Glibc
import MicrophoneStandIn
import Synchronization

/// A made-up sound card that hears a tone, which libasound's functions in this process take for a real one, as do
/// programs that run with `environment`.
package final class MicrophoneStandIn: Sendable {
  package struct Description: Sendable {
    /// Bits by ALSA's numbers of sample formats.
    package struct Formats: OptionSet, Sendable {
      package let rawValue: UInt64
      package init(rawValue: UInt64) { self.rawValue = rawValue }

      package static let u8 = Formats(rawValue: 1 << 1)
      package static let s16 = Formats(rawValue: 1 << 2)
      package static let s24 = Formats(rawValue: 1 << 6)
      package static let s32 = Formats(rawValue: 1 << 10)
      package static let float = Formats(rawValue: 1 << 14)
      package static let s24Packed = Formats(rawValue: 1 << 32)
    }

    package enum Rates: Sendable {
      case list([UInt32])
      case range(ClosedRange<UInt32>)
    }

    /// Of its own for each card if it is nil, since tests run at once.
    package var id: String?
    package var name = "Acme Microphone"
    package var device: Int32 = 0
    package var formats: Formats = .s16
    package var channels: ClosedRange<UInt32> = 1...2
    package var rates = Rates.list([44_100, 48_000])
    package var leastPeriod: UInt32 = 48
    /// In frames; 0 for as many as are asked for.
    package var mostBuffer: UInt32 = 0
    package var frequency = 997.0
    package var amplitude = 0.5
    /// How much faster the card's clock is than the monotonic one, in parts per million.
    package var drift = 0.0
    /// The file for what is played; nil if the card only records.
    package var played: String?

    package init() {}
  }

  package enum Switch: Sendable {
    case openError, readError, stalled, overruns, suspended, resumeDelays, cannotResume, noTimestamps, clockOffset
    case hardwareDelay, emptyWakes, notANumber, wholePeriods, takenAhead, oneChannel
  }

  /// Unchecked because every function that takes the pointer may be called from any thread.
  private struct Card: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private static let made = Atomic(0)

  package let id: String
  package let description: Description
  /// The file by which other programs know it.
  private let path: String?
  private let card: Card

  /// - Parameters:
  ///   - path: where to make the file that other programs know it by; such a card's time is real.
  package init(_ description: Description = Description(), path: String? = nil) throws {
    self.description = description
    self.path = path
    id = description.id ?? "Mic\(Self.made.add(1, ordering: .relaxed).newValue)"
    var bridged = microphone_description()
    guard microphone_describe(&bridged, id, description.name) else { throw CameraStandInError.tooMuch(id) }
    bridged.device = description.device
    bridged.formats = description.formats.rawValue
    bridged.least_channels = description.channels.lowerBound
    bridged.most_channels = description.channels.upperBound
    guard microphone_describe_played(&bridged, description.played ?? "") else {
      throw CameraStandInError.tooMuch(description.played ?? "")
    }
    let rates: [UInt32]
    switch description.rates {
    case .list(let list): rates = list
    case .range(let range): (rates, bridged.is_range) = ([range.lowerBound, range.upperBound], true)
    }
    for rate in rates {
      guard microphone_add_rate(&bridged, rate) else { throw CameraStandInError.tooMuch("\(rates)") }
    }
    bridged.least_period = description.leastPeriod
    bridged.most_buffer = description.mostBuffer
    bridged.frequency = description.frequency
    bridged.amplitude = description.amplitude
    bridged.drift = description.drift
    guard let pointer = microphone_create(path, &bridged, path == nil) else {
      throw CameraStandInError.system(path ?? id, errno)
    }
    card = Card(pointer: pointer)
  }

  deinit {
    microphone_destroy(card.pointer)
    if let path { unlink(path) }
  }

  /// What makes a program see this card and no other: for `LD_PRELOAD` the library `libMicrophoneStandIn.so`.
  package func environment(library: String) -> [String: String] {
    path.map { ["LD_PRELOAD": library, "MICROPHONE_STAND_IN": $0] } ?? [:]
  }

  package var number: Int { Int(microphone_number(card.pointer)) }

  // MARK: Time

  /// In nanoseconds.
  package var now: UInt64 { microphone_now(card.pointer) }
  /// The time that the tone begins with.
  package var epoch: UInt64 { microphone_epoch(card.pointer) }

  package func sleep(until time: UInt64) { microphone_sleep(card.pointer, time) }

  // MARK: What is done to it

  package func set(_ name: Switch, _ value: Int32 = 1) { microphone_set(card.pointer, name.bridged, value) }
  package func unplug() { microphone_set(card.pointer, microphone_switch_unplugged, 1) }
  package func replug() { microphone_set(card.pointer, microphone_switch_unplugged, 0) }

  // MARK: What is done with it

  package var openCount: Int { Int(microphone_open_count(card.pointer)) }
  package var playerCount: Int { Int(microphone_player_count(card.pointer)) }
  /// How often it was tried to open it.
  package var attemptCount: Int { Int(microphone_attempt_count(card.pointer)) }
  package var period: Int { Int(microphone_period(card.pointer)) }
  package var buffer: Int { Int(microphone_buffer(card.pointer)) }
  package var format: Description.Formats { .init(rawValue: 1 << UInt64(microphone_format(card.pointer))) }
}

extension MicrophoneStandIn.Switch {
  fileprivate var bridged: microphone_switch {
    switch self {
    case .openError: microphone_switch_open_error
    case .readError: microphone_switch_read_error
    case .stalled: microphone_switch_stalled
    case .overruns: microphone_switch_overruns
    case .suspended: microphone_switch_suspended
    case .resumeDelays: microphone_switch_resume_delays
    case .cannotResume: microphone_switch_cannot_resume
    case .noTimestamps: microphone_switch_no_timestamps
    case .clockOffset: microphone_switch_clock_offset
    case .hardwareDelay: microphone_switch_hardware_delay
    case .emptyWakes: microphone_switch_empty_wakes
    case .notANumber: microphone_switch_not_a_number
    case .wholePeriods: microphone_switch_whole_periods
    case .takenAhead: microphone_switch_taken_ahead
    case .oneChannel: microphone_switch_one_channel
    }
  }
}
