import NIOCore

extension CameraFinder {
  /// Opens the camera that SOURCE names. A raw sensor is shown through `rpicam-vid`, and `camera` is such a camera if
  /// there is no other.
  ///
  /// - Throws: `CaptureError`.
  static func open(
    _ source: String, options: CameraSource.Options, in directory: DeviceDirectory, through programs: LibcameraPrograms,
    timing: LibcameraReader.Timing? = nil
  ) throws(CaptureError) -> any VideoSource {
    let camera: LibcameraCamera?
    let refusal: CaptureError
    if LibcameraCamera.isName(source) {
      camera = programs.camera { $0.name == source }
      guard camera != nil else { throw .noSuchCamera(path: source) }
      refusal = .rawSensor(path: source)
    } else {
      do throws(CaptureError) {
        return try open(source, options: options, in: directory)
      } catch {
        switch error {
        case .rawSensor: break
        case .noCamera where source == anyCamera: break
        default: throw error
        }
        refusal = error
      }
      camera = programs.camera { $0.number == 0 }
    }
    guard let program = programs.video else { throw refusal }
    do throws(CaptureError) {
      return try LibcameraSource(
        name: source, camera: camera, program: program,
        environment: programs.environment, options: options,
        timing: timing ?? .init(patience: options.patience))
    } catch {
      // It is no failure of the program that nothing is plugged in.
      if case .noCamera = refusal, case .libcameraFailed(_, LibcameraMessages.noCamera) = error { throw refusal }
      throw error
    }
  }
}
