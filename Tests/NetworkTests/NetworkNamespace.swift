import Foundation
import NIOCore
import TestSupport

/// A network namespace for one test, which needs root.
enum NetworkNamespace {
  static let isPossible = geteuid() == 0 || ProcessInfo.processInfo.environment["CI"] == "true"

  /// Runs `body` on a thread in a namespace of its own: namespaces are the thread's, and a socket or a process keeps that of
  /// the thread that made it.
  static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Swift.Result {
            guard leave() == 0 else { throw IOError(errnoCode: errno, reason: "unshare") }
            return try body()
          })
      }
    }
  }

  /// Runs the commands in the namespace of the thread that calls.
  static func shell(_ commands: String) throws {
    try ChildProcess.run(["/bin/sh", "-ec", commands])
  }

  /// unshare(CLONE_NEWNET), which glibc's headers show to _GNU_SOURCE alone.
  static func leave() -> CInt {
    guard let symbol = dlsym(nil, "unshare") else { return -1 }
    return unsafeBitCast(symbol, to: (@convention(c) (CInt) -> CInt).self)(0x4000_0000)
  }
}
