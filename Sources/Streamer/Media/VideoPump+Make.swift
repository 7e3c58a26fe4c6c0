import Logging
import Video

extension VideoPump {
  /// Opens the source that was asked for; `remark` is told what a person should know of it, and `trouble`, on the video
  /// thread, why there is no picture for a while, and that there is one again.
  static func make(
    _ configuration: VideoConfiguration, control: EncoderControl, logger: Logger,
    remark: (String) -> Void = { _ in }, trouble: @escaping @Sendable (String) -> Void
  ) throws(CommandError) -> sending VideoPump {
    let source = try SourceFactory.open(configuration) { logger.debug("\($0)") }
    source.remark.map(remark)
    do throws(VideoError) {
      let pump = try VideoPump(source: source, bitrate: configuration.bitrate, threads: 1, control: control)
      pump.onTrouble = { trouble($0?.description ?? "there are pictures again") }
      return pump
    } catch {
      throw CommandError("this picture cannot be encoded: \(error)", .dataError)
    }
  }
}
