import Foundation
import Glibc
import TestSupport
import Testing

@testable import Capture

@Suite("The lists of microphones and loudspeakers") struct SoundCardInventoryTests {
  private func description(of microphone: TestMicrophone) throws -> SoundCardDescription {
    try #require(SoundCardInventory.all(.capture, in: microphone.directory).first { $0.card == microphone.standIn.id })
  }

  @Test("a microphone is listed with its formats, rates and channels")
  func listed() throws {
    let microphone = try TestMicrophone {
      $0.device = 1
      $0.formats = [.u8, .s16, .s24Packed]
      $0.channels = 1...4
      $0.rates = .list([16_000, 44_100, 48_000])
    }
    let description = try description(of: microphone)
    #expect(description.number == microphone.standIn.number && description.device == 1)
    #expect(description.name == "Acme Microphone, USB Audio")
    #expect(description.formats == ["U8", "S16_LE", "S24_3LE"])
    #expect(description.rates == [16_000, 44_100, 48_000])
    #expect(description.channels == [1, 2, 3, 4])
    #expect(description.problem == nil && description.usbDevice == nil)
    #expect(microphone.standIn.openCount == 0)
  }

  @Test("a card that only plays is not listed, and one in use or forbidden is, with the reason")
  func problems() throws {
    let player = try TestMicrophone { $0.device = -1 }
    #expect(!SoundCardInventory.all(.capture, in: player.directory).contains { $0.card == player.standIn.id })
    let microphone = try TestMicrophone()
    let source = try microphone.open()
    #expect(try description(of: microphone).problem?.contains("in use by another program") == true)
    _ = consume source
    let (id, number) = (microphone.standIn.id, microphone.standIn.number)
    try microphone.write("\(id)\n", to: "sys/class/sound/card\(number)/id")
    try microphone.write("", to: "sys/class/sound/pcmC\(number)D0c/dev")
    microphone.standIn.set(.openError, EACCES)
    #expect(try description(of: microphone).problem?.contains("audio") == true)
  }

  @Test("a loudspeaker is listed with its formats, and why it cannot play; a card that only records is not")
  func speakers() throws {
    let recorder = try TestMicrophone()
    #expect(!SoundCardInventory.all(.playback, in: recorder.directory).contains { $0.card == recorder.standIn.id })
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let player = try TestMicrophone {
      $0.played = file.path
      $0.formats = [.s16, .s32]
    }
    func description() throws -> SoundCardDescription {
      try #require(SoundCardInventory.all(.playback, in: player.directory).first { $0.card == player.standIn.id })
    }
    #expect(try description().formats == ["S16_LE", "S32_LE"] && description().channels == [1, 2])
    #expect(try description().problem == nil)
    let output = try SpeakerOutput(player.standIn.id, in: player.directory, player.clock)
    #expect(try description().problem?.contains("the loudspeaker of sound card") == true)
    #expect(try description().problem?.contains("in use by another program") == true)
    withExtendedLifetime(output) {}
  }

  @Test("the USB device of a card is that of the camera that it is a part of")
  func usb() throws {
    let microphone = try TestMicrophone()
    let number = microphone.standIn.number
    try microphone.addInterface("1-2:1.2", of: "1-2", as: "sys/class/sound/card\(number)/device")
    try microphone.addInterface("1-2:1.0", of: "1-2", as: "sys/class/video4linux/video0/device")
    try microphone.addInterface("1-3:1.0", of: "1-3", as: "sys/class/video4linux/video1/device")
    let device = try #require(try description(of: microphone).usbDevice)
    #expect(device.hasSuffix("/1-2"))
    #expect(microphone.directory.usbDevice(ofVideoNode: "video0") == device)
    #expect(microphone.directory.usbDevice(ofVideoNode: "video1") != device)
    #expect(microphone.directory.usbDevice(ofVideoNode: "video2") == nil)
  }

  @Test("with no name the camera's own microphone is taken, and no other program's")
  func first() throws {
    let (other, microphone) = (try TestMicrophone(), try TestMicrophone())
    let number = microphone.standIn.number
    try microphone.addInterface("1-2:1.2", of: "1-2", as: "sys/class/sound/card\(number)/device")
    try microphone.addInterface("1-2:1.0", of: "1-2", as: "sys/class/video4linux/video0/device")
    try microphone.write("", to: "dev/video0")
    let camera = microphone.root.appending(path: "dev/video0").path
    let source = try MicrophoneFinder.openFirst(besides: camera, in: microphone.directory, microphone.clock)
    #expect(source.card == microphone.standIn.id)
    #expect(throws: MicrophoneError.busy(card: microphone.standIn.id, holder: nil)) {
      try MicrophoneFinder.openFirst(besides: camera, in: microphone.directory, microphone.clock)
    }
    #expect(other.standIn.openCount == 0)
  }

  @Test("a laptop's own microphones come before its jack")
  func builtIn() {
    let names = ["HDA Analog (*)", "HDMI1 (*)", "DMIC (*)", "DMIC16kHz (*)"]
    let devices = names.enumerated().map { SoundCard.Device(number: $0, name: $1) }
    let card = SoundCard(number: 0, id: "PCH", name: "sof-hda-dsp", devices: devices, playbackDevices: [])
    #expect(card.preferredDevices(.capture).map(\.number) == [2, 3, 0, 1])
  }
}
