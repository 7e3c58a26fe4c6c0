import Capture
import Video

/// What came of opening the source, and what other cameras there are.
struct SourceReport: Sendable {
  var source: String
  var outcome: VideoTrial.Outcome
  /// The cameras that `jinglecam devices` lists.
  var cameras: [CameraDescription] = []

  var findings: [DoctorFinding] {
    switch outcome {
    case .seen(let report): [opened(report)] + report.findings(sizes: sizes(besides: report))
    case .refused(let error): [refusal(error)]
    case .failed(let reason):
      [.problem(.encoder, "\(source): \(reason)", fix: "choose another --size, or another source", .encoder)]
    case .untried:
      [.warning(.camera, "the source is a pipe, which was not tried", fix: "try it with jinglecam stream \(source)")]
    }
  }

  private func opened(_ report: VideoTrialReport) -> DoctorFinding {
    guard let mode = report.mode else { return .ok(.camera, "not needed: the source is \(source)") }
    let stable = mode.stablePath.map { ", always found as \($0)" } ?? ""
    return .ok(.camera, "\(mode.path), \(mode.card)\(stable)")
  }

  private func sizes(besides report: VideoTrialReport) -> [PictureSize] {
    let camera = cameras.first { $0.path == report.mode?.path }
    return camera?.formats.filter(\.isUsable).flatMap(\.sizes).filter { $0.largestWidth == nil }.map {
      PictureSize(width: $0.width, height: $0.height)
    } ?? []
  }

  private func refusal(_ error: CaptureError) -> DoctorFinding {
    .problem(.camera, error.cause, fix: cure(of: error) + alternative(to: error), .source(error))
  }

  private func cure(of error: CaptureError) -> String {
    switch error {
    case .cameraBusy(_, let holder?) where holder.hasPrefix("jinglecam "):
      "that may be the service, while somebody watches: look again when nobody does, or stop it for the time "
        + "(sudo systemctl stop jinglecam)"
    case .noSuchFile: "name a file that is there, and that you may read"
    case .notVideo, .unsupported, .encrypted: "name another file"
    case .notCamera: "jinglecam devices lists what each camera offers"
    case .cameraForbidden(_, nil): "run it as somebody who may (sudo)"
    case .cameraFailed: "plug it in again; dmesg tells what the driver saw"
    case .invalidControl: "jinglecam devices \(source) lists its controls"
    case .invalidInput: "name a camera as source"
    default: error.cure ?? ""
    }
  }

  /// Another camera that would do, where the one that was named does not.
  private func alternative(to error: CaptureError) -> String {
    switch error {
    case .noSuchCamera, .notCamera, .rawSensor, .cameraFailed, .libcameraFailed: break
    default: return ""
    }
    guard let other = cameras.first(where: { $0.problem == nil && $0.path != source && $0.stablePath != source })
    else { return "" }
    return "; or name \(other.path) (\(other.card)), which can be streamed"
  }
}
