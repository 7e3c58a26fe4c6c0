import Capture
import NIOPosix
import Network
import Settings
import Studio
import Video
import XMPP

/// The settings that an admin changes from afar. They hold until the program ends, or reads its own anew.
extension CameraServer {
  private enum Field {
    static let bitrate = "bitrate"
    static let size = "size"
    static let rate = "rate"
    static let control = "control"
    static let value = "value"
    static let person = "person"
    static let volume = "volume"
  }

  /// The form that asks for the settings of `command`, filled in with their present values.
  func form(of command: CameraCommand) async throws(CommandRefusal) -> DataForm {
    var form = DataForm(.form, title: command.purpose)
    let video = configuration.video
    switch command {
    case .bitrate:
      form.fields = [
        .init(Field.bitrate, .textSingle, label: "Bits per second", value: "\(video.limits.maximumBitrate / 1000)k")
      ]
    case .volume:
      form.fields = [
        .init(Field.volume, .textSingle, label: "From 0 to 100", value: String(try presentSpeaker().volume))
      ]
    case .picture:
      form.instructions = "If a field is empty, the source decides."
      form.fields = [
        .init(Field.size, .textSingle, label: "Width and height", value: video.size?.description ?? ""),
        .init(Field.rate, .textSingle, label: "Frames per second", value: video.frameRate.map(String.init) ?? ""),
      ]
    case .control:
      let controls = try await camera { source throws(CaptureError) in try CameraInventory.describe(source).controls }
        .filter { !$0.isReadOnly }
      guard let first = controls.first else { throw CommandRefusal("this camera has no controls") }
      form.fields = [
        .init(
          Field.control, .listSingle, label: "Control", value: first.name,
          options: controls.map { .init(label: Self.label(of: $0), value: $0.name) }),
        .init(Field.value, .textSingle, label: "Value", value: first.value.map(String.init) ?? ""),
      ]
    case .allow, .forbid:
      form.fields = [.init(Field.person, .textSingle, label: "Who, as user@domain", value: "")]
    case .help, .status, .snapshot, .callMe, .stop, .mute, .unmute, .viewers, .who, .stopAll, .restart, .check:
      break
    }
    return form
  }

  private static func label(of control: CameraDescription.Control) -> String {
    "\(control.name), now \(control.value.map(String.init) ?? "unknown"): \(control.choices)"
  }

  /// Done, and what to say about it.
  func set(_ command: CameraCommand, _ form: DataForm, by admin: JID) async throws(CommandRefusal) -> String {
    switch command {
    case .allow: return try await allow(form[Field.person] ?? "")
    case .forbid: return try await forbid(form[Field.person] ?? "", by: admin)
    case .bitrate: return try setBitrate(form[Field.bitrate] ?? "")
    case .volume: return try setVolume(form[Field.volume] ?? "")
    case .picture: return try setPicture(size: form[Field.size] ?? "", rate: form[Field.rate] ?? "")
    case .control: return try await setControl(form[Field.control] ?? "", to: form[Field.value] ?? "")
    case .help, .status, .snapshot, .callMe, .stop, .mute, .unmute, .viewers, .who, .stopAll, .restart, .check:
      throw CommandRefusal("\(command.rawValue) has nothing to set")
    }
  }

  private func setBitrate(_ text: String) throws(CommandRefusal) -> String {
    let bitrate = try CommandRefusal.translating { () throws(SettingError) in try Bitrate.parse(text) }
    configuration.video.limits.maximumBitrate = bitrate
    broadcast.assumeIsolated { $0.setBitrate(bitrate) }
    return "The bitrate is now at most \(bitrate / 1000)k."
  }

  private func setControl(_ name: String, to value: String) async throws(CommandRefusal) -> String {
    let setting: ControlSetting
    do throws(CaptureError) {
      setting = try ControlSetting(parsing: "\(name)=\(value)")
    } catch {
      throw CommandRefusal(error)
    }
    try await camera { source throws(CaptureError) in try CameraInventory.apply(setting, to: source) }
    var video = configuration.video
    video.controls.removeAll { $0.name == setting.name }
    video.controls.append(setting)
    show(video)
    return "\(setting.name) is now \(setting.value)."
  }

  private func setPicture(size: String, rate: String) throws(CommandRefusal) -> String {
    var video = configuration.video
    guard !PipeSource.isPipe(video.source) else {
      throw CommandRefusal("the size and the rate of a pipe are those of its writer, and cannot be changed here")
    }
    if size.isEmpty {
      video.size = nil
    } else {
      video.size = try CommandRefusal.translating { () throws(SettingError) in try PictureSize(parsing: size) }
    }
    video.frameRate = rate.isEmpty ? nil : Int(rate)
    guard video.frameRate.map({ (1...120).contains($0) }) ?? rate.isEmpty else {
      throw CommandRefusal("'\(rate)' is not a frame rate; choose 1 to 120")
    }
    show(video)
    let isOpen = broadcast.assumeIsolated { $0.reopen() }
    let set =
      "The picture is now \(video.size?.description ?? "as large as the source's")"
      + (video.frameRate.map { " at \($0) fps" } ?? "")
    return set + (isOpen ? "; the source is being reopened." : ".")
  }

  private func show(_ video: VideoConfiguration) {
    configuration.video = video
    broadcast.assumeIsolated { $0.video = video }
  }

  /// Drivers take their time, which the event loop has not.
  private func camera<Result: Sendable>(
    _ body: @escaping @Sendable (_ source: String) throws(CaptureError) -> Result
  ) async throws(CommandRefusal) -> Result {
    let source = configuration.video.source
    guard CameraFinder.isCamera(source) else { throw CommandRefusal("\(NetworkAddress.shown(source)) is not a camera") }
    do {
      return try await NIOThreadPool.singleton.runIfActive { try body(source) }
    } catch let error as CaptureError {
      throw CommandRefusal(error)
    } catch {
      throw CommandRefusal("the camera cannot be asked: \(NetworkFailure.reason(error))")
    }
  }
}
