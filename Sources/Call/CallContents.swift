import ICE
import Jingle
import Peer

/// What a call knows of its contents: how they are named, and what waits until they are told of.
struct CallContents {
  /// The offer's; those of our offers until somebody else makes one.
  private var names: [MediaKind: String] = [
    .audio: JingleMapping.contentName(of: .audio), .video: JingleMapping.contentName(of: .video),
  ]
  /// Candidates found before there was a session to tell them in; nil since then.
  private var early: [MediaKind: [ICECandidate]]? = [:]
  /// An offer that is to be answered once there are sockets.
  var offer: (contents: [Content], media: [RemoteMedia], isBundled: Bool)?
  var isBundled = false
  /// What the peer wants nothing of for a while, or any more.
  private var muted: Set<MediaKind> = []
  /// The peer listens to nothing for a while.
  var isHeld = false

  /// Takes the names of the peer's offer, and what the peer alone sends, or nobody (XEP-0166 section 7.3): it wants
  /// nothing of that until it changes the senders.
  mutating func take(offer offered: [Content]) {
    names = [:]
    for content in offered {
      guard let kind = content.kind else { continue }
      names[kind] = content.name
      let senders = content.senders ?? .both
      setMuted(senders == .initiator || senders == .none, kind)
    }
  }

  /// Takes what nobody sends from the peer's answer. What the peer alone sends is not taken: Movim writes `responder` in
  /// its answer if it has no camera or no microphone to send, though it wants what we send.
  mutating func take(answer answered: [Content]) {
    for content in answered where content.senders == Content.Senders.none {
      if let kind = kind(of: content.name) { setMuted(true, kind) }
    }
  }

  func isMuted(_ kind: MediaKind) -> Bool { isHeld || muted.contains(kind) }

  mutating func setMuted(_ isMuted: Bool, _ kind: MediaKind) {
    if isMuted { muted.insert(kind) } else { muted.remove(kind) }
  }

  func name(of kind: MediaKind) -> String { names[kind] ?? kind.rawValue }

  func kind(of name: String) -> MediaKind? { names.first { $0.value == name }?.key }

  /// True: there is no session yet, and the candidate goes into its offer or answer.
  mutating func keepsEarly(_ candidate: ICECandidate, of kind: MediaKind) -> Bool {
    guard early != nil else { return false }
    early?[kind, default: []].append(candidate)
    return true
  }

  /// For the offer or answer: those that come from now on are trickled.
  mutating func takeEarlyCandidates() -> [MediaKind: [ICECandidate]] {
    early.take() ?? [:]
  }
}
