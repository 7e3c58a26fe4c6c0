import Glibc

/// What this process takes, as /proc/self tells it (proc(5)).
struct ProcessUsage: Sendable, Equatable {
  var residentBytes = 0
  var openDescriptors = 0
  var cpuSeconds = 0.0
  /// Seconds since 1970. By the clock as it is now: that of a Raspberry Pi is wrong until it finds the network.
  var startTime = 0.0

  static var current: ProcessUsage {
    var usage = ProcessUsage()
    usage.openDescriptors = openDescriptors()
    let fields = statusFields()
    // The third field of the line is the first one behind the name.
    func field(_ number: Int) -> Int { fields.count > number - 3 ? Int(fields[number - 3]) ?? 0 : 0 }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    usage.residentBytes = field(24) * sysconf(Int32(_SC_PAGESIZE))
    usage.cpuSeconds = Double(field(14) + field(15)) / ticks
    // Since the system's start, of which a sandboxed service cannot read the time (/proc/stat).
    let age = seconds(CLOCK_BOOTTIME) - Double(field(22)) / ticks
    usage.startTime = (seconds(CLOCK_REALTIME) - age).rounded()
    return usage
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func statusFields() -> [Substring] {
    guard let file = fopen("/proc/self/stat", "re") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = fread(&bytes, 1, bytes.count, file)
    let line = String(decoding: bytes[..<count], as: UTF8.self)
    // The name, in parentheses, may hold anything.
    return line[(line.lastIndex(of: ")") ?? line.startIndex)...].dropFirst().split(whereSeparator: \.isWhitespace)
  }

  private static func openDescriptors() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // Not ".", "..", nor the one that reads this.
    return max(0, count - 3)
  }
}
