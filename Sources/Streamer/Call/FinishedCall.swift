import Call

/// A call that is over, and what on our side ended it, where something did.
struct FinishedCall: Sendable {
  let result: CallResult
  var failure: CommandError?

  /// The path was lost for good and no fault of ours ended it: a new call may find another.
  var wantsNewCall: Bool { result.wantsNewCall && failure == nil }
}
