import Glibc

/// Work with a dedicated thread, which owns the object once it has started.
package protocol ThreadBody: AnyObject {
  func run()
}

extension ThreadBody {
  package func start() {
    let box = Unmanaged.passRetained(ThreadBox(self))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<ThreadBox>.fromOpaque(context!).takeRetainedValue().body.run()
        return nil
      }, box.toOpaque())
    precondition(status == 0, "a thread can be made")
    pthread_detach(thread)
  }
}

private final class ThreadBox {
  let body: any ThreadBody
  init(_ body: any ThreadBody) { self.body = body }
}
