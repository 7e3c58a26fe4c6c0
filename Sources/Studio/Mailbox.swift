import Synchronization

/// Hands values from any thread to the one that takes them, without a lock; what comes while it is full is dropped.
final class Mailbox<Element: Sendable>: Sendable {
  private final class Node {
    let element: Element
    var next: UInt

    init(_ element: Element) {
      self.element = element
      next = 0
    }
  }

  /// The address of the node that was put in last, which names the one before; 0 if there is none.
  private let last = Atomic<UInt>(0)
  private let count = Atomic<Int>(0)
  private let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
  }

  deinit {
    take { _ in }
  }

  var isEmpty: Bool { last.load(ordering: .sequentiallyConsistent) == 0 }

  /// - Parameter mayExceed: it is put in also while the mailbox is full.
  /// - Returns: false if it is full.
  @discardableResult
  func put(_ element: Element, mayExceed: Bool = false) -> Bool {
    guard mayExceed || count.load(ordering: .relaxed) < capacity else { return false }
    count.add(1, ordering: .relaxed)
    let node = Node(element)
    let address = UInt(bitPattern: Unmanaged.passRetained(node).toOpaque())
    var former = last.load(ordering: .relaxed)
    while true {
      node.next = former
      let (exchanged, original) = last.weakCompareExchange(
        expected: former, desired: address, successOrdering: .sequentiallyConsistent,
        failureOrdering: .relaxed)
      if exchanged { return true }
      former = original
    }
  }

  /// Takes out all values, the oldest first.
  func take(_ body: (Element) -> Void) {
    var address = last.exchange(0, ordering: .acquiring)
    guard address != 0 else { return }
    var oldest: UInt = 0
    while let node = Self.node(address) {
      let next = node.takeUnretainedValue().next
      node.takeUnretainedValue().next = oldest
      (oldest, address) = (address, next)
    }
    while let node = Self.node(oldest) {
      let taken = node.takeRetainedValue()
      oldest = taken.next
      count.subtract(1, ordering: .relaxed)
      body(taken.element)
    }
  }

  private static func node(_ address: UInt) -> Unmanaged<Node>? {
    UnsafeRawPointer(bitPattern: address).map(Unmanaged<Node>.fromOpaque)
  }
}
