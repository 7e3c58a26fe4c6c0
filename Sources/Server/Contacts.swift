/// What is known of those who may watch, beside the list of them.
struct Contacts {
  let approved: ApprovedSubscribers
  var mirrored = MirroredClients()
  /// Whether the log has it that the account has contacts of its own.
  var hasToldOfOthers = false
}
