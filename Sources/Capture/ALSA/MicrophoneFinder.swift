import NIOCore

/// Chooses a microphone where the user names none: the camera's own, or else the first that records.
package enum MicrophoneFinder {
  /// - Parameter camera: the path of the camera's node; nil if there is no camera.
  /// - Throws: `MicrophoneError`.
  package static func openFirst(besides camera: String?) throws(MicrophoneError) -> MicrophoneSource {
    try openFirst(besides: camera, in: SoundDirectory(), .monotonic)
  }

  static func openFirst(
    besides camera: String?, in directory: SoundDirectory, _ time: MicrophoneClock
  ) throws(MicrophoneError) -> MicrophoneSource {
    let cards = SoundCard.all().filter { !$0.devices.isEmpty }
    let camera = camera.flatMap(RealPath.of)?.split(separator: "/").last.flatMap {
      directory.usbDevice(ofVideoNode: String($0))
    }
    let own = camera.flatMap { camera in cards.filter { directory.usbDevice(ofCard: $0.number) == camera } } ?? []
    var closest: MicrophoneError?
    let devices = (own.isEmpty ? cards : own).flatMap { card in card.preferredDevices(.capture).map { (card, $0) } }
    for (card, device) in devices {
      do throws(MicrophoneError) {
        return try MicrophoneSource(card, device, in: directory, time)
      } catch {
        closest = closest ?? error
      }
    }
    if closest == nil, let hidden = directory.recordingCards().first {
      closest = .forbidden(card: hidden.id, group: directory.group(ofCard: hidden.number))
    }
    throw closest ?? .noMicrophone
  }
}
