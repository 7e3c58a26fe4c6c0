import NIOCore
import XMPP

/// The one call to whoever has just come to know the camera.
extension CameraServer {
  /// Takes a person who may watch, and who has become a contact or has paired.
  func welcome(_ person: JID) {
    contacts.welcome.add(person, now: .now()).forEach(discover)
    scheduleWelcome()
  }

  /// Asks a device for its features.
  func discover(_ device: JID) {
    guard let client else { return }
    Task {
      guard let information = try? await client.request(ServiceDiscovery.infoRequest(to: device)) else {
        return contacts.welcome.fail(device)
      }
      contacts.welcome.receive(ServiceDiscovery.features(in: information), of: device, now: .now())
      scheduleWelcome()
    }
  }

  private func scheduleWelcome() {
    contacts.welcomeTimer?.cancel()
    contacts.welcomeTimer = contacts.welcome.deadline.map { deadline in
      eventLoop.scheduleTask(deadline: deadline) { [weak self] in
        self?.assumeIsolated { server in
          server.contacts.welcome.handleTimeout(now: .now()).forEach(server.callWelcome)
          server.scheduleWelcome()
        }
      }
    }
  }

  /// Whoever cannot be called at this moment is not called later: he has a call button.
  private func callWelcome(_ person: JID) {
    let isSourcePresent = broadcast.assumeIsolated { !$0.isSourceLost } && sourceState.isPresent
    // Nobody else loses his place for it.
    guard let client, access.role(of: person) != nil, isSourcePresent, !viewers.contains(person),
      viewers.current.count < configuration.maximumViewers, admit(person) == nil
    else { return }
    ring(person, by: client, isAsked: false)
  }
}
