import CPrctl
import Glibc

/// A core dump would hold the account's password and the media keys.
enum CoreDump {
  /// The limit is of files. A kernel that pipes dumps to a program (core(5), /proc/sys/kernel/core_pattern) does not heed
  /// it, but leaves out a process that is not dumpable (prctl(2), PR_SET_DUMPABLE), which then no other process of the
  /// same user can trace either.
  static func forbid() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(UInt32(RLIMIT_CORE.rawValue)), &none)
    _ = prctl_set_dumpable(0)
  }
}
