import Call
import Dispatch
import FoundationEssentials
import Glibc
import NIOCore
import Settings
import Synchronization

/// The file of `--record-network`, a JSON object a line. It is written by a queue of its own: a slow disk must not stop the
/// media.
final class NetworkRecorder: Sendable {
  /// The lines that may wait for a slow disk; what comes on top is left out, and the next line covers its time.
  private static let limit = 256

  private let path: String
  private let descriptor: Int32
  private let queue = DispatchQueue(label: "jinglecam.network-record")
  private let pending = Atomic<Int>(0)
  private let state = Mutex((sampler: NetworkSampler(), hasFailed: false))

  init(path: String) throws(SettingError) {
    self.path = path
    // A named pipe that nobody reads is an error then, and not an endless wait.
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else {
      throw SettingError(
        of: .option("record-network"), "\(path) cannot be written (\(String(cString: strerror(errno))))",
        cure: "name a file in a directory that you may write to", .cannotCreate)
    }
  }

  deinit {
    Glibc.close(descriptor)
  }

  func record(_ statistics: CallStatistics, streamingSince: NIODeadline, at time: NIODeadline) {
    guard pending.load(ordering: .relaxed) < Self.limit else { return }
    pending.wrappingAdd(1, ordering: .relaxed)
    queue.async { [self] in
      write(statistics, streamingSince, time)
      pending.wrappingSubtract(1, ordering: .relaxed)
    }
  }

  private func write(_ statistics: CallStatistics, _ streamingSince: NIODeadline, _ time: NIODeadline) {
    state.withLock { state in
      guard !state.hasFailed else { return }
      let sample = state.sampler.sample(statistics, streamingSince: streamingSince, at: time)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      guard let line = try? encoder.encode(sample) else { return }
      let failure = DescriptorWriter.write(String(decoding: line, as: UTF8.self) + "\n", to: descriptor)
      guard failure != 0 else { return }
      state.hasFailed = true
      StandardStream.error("\(path) is incomplete: \(String(cString: strerror(failure)))")
    }
  }

  /// Waits until everything is written, or the disk proves to be too slow.
  func drain() {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    _ = done.wait(timeout: .now() + 1)
  }
}
