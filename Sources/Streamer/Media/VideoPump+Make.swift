import Video

extension VideoPump {
  /// Opens the source that was asked for; `remark` is told what a person should know of it.
  static func make(
    _ configuration: VideoConfiguration, control: EncoderControl, remark: (String) -> Void = { _ in }
  ) throws(CommandError) -> sending VideoPump {
    let source = try SourceFactory.open(configuration)
    source.remark.map(remark)
    do throws(VideoError) {
      return try VideoPump(source: source, bitrate: configuration.bitrate, threads: 1, control: control)
    } catch {
      throw CommandError("this picture cannot be encoded: \(error)", .dataError)
    }
  }
}
