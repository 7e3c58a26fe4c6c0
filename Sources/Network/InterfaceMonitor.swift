import CNetlink
import Glibc
import NIOCore
import NIOPosix

/// Tells when interfaces or their addresses may have changed (rtnetlink(7)), on the event loop.
///
/// What they are now is for ``HostInterfaces`` to say: of changes that come in a heap the last state counts, and a message
/// that was lost costs nothing.
final class InterfaceMonitor: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// The kernel packs what it has to tell into pages; a message of a link with its statistics takes 1.5 kB.
  private static let readSize = 32 * 1024
  private static let groups = UInt32(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)

  private let onChange: () -> Void
  private var hasChanged = false

  private init(onChange: @escaping () -> Void) {
    self.onChange = onChange
  }

  /// `onChange` is called on the event loop, until the channel is closed.
  ///
  /// - Parameter descriptor: a socket as ``makeSocket()`` makes, which is the channel's from here on.
  static func open(
    _ descriptor: CInt, on eventLoop: any EventLoop, onChange: @escaping @Sendable () -> Void
  ) -> EventLoopFuture<any Channel> {
    NIOPipeBootstrap(group: eventLoop)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readSize))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(InterfaceMonitor(onChange: onChange))
        }
      }
      .takingOwnershipOfDescriptor(input: descriptor)
  }

  /// Makes a netlink socket in the network namespace of the thread that calls.
  static func makeSocket() throws(IOError) -> CInt {
    let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), NETLINK_ROUTE)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket(AF_NETLINK)") }
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    address.nl_groups = groups
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
      }
    }
    guard status == 0 else {
      let error = IOError(errnoCode: errno, reason: "bind(AF_NETLINK)")
      close(descriptor)
      throw error
    }
    return descriptor
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What cannot be read may have been about anything.
    let messages = (try? NetlinkMessage.parse(unwrapInboundIn(data))) ?? [.overrun]
    hasChanged =
      hasChanged
      || messages.contains { message in
        switch message {
        case .link, .newAddress, .deletedAddress, .overrun: true
        case .done, .error, .other: false
        }
      }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    guard hasChanged else { return }
    hasChanged = false
    onChange()
  }

  /// Whose it is sees the channel close.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
