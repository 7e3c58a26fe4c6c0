/// What FFmpeg reads from, and may read from.
enum MediaInput: Sendable {
  case file(path: String)
  case network(NetworkAddress)
  case pipe(PipeInput)

  /// As it is written to logs and to the user.
  var name: String {
    switch self {
    case .file(let path): path
    case .network(let address): address.shown
    case .pipe(let input): input.name
    }
  }

  /// What `avformat_open_input` is told; a pipe is read by its callback.
  var url: [CChar] {
    switch self {
    case .file(let path): "file:".utf8.map(CChar.init) + FileName.bytes(of: path)
    case .network(let address): Array(address.url.utf8CString)
    case .pipe: [0]
    }
  }

  /// A playlist names other places. A file leads to none but files, and an address to none but addresses, however it is
  /// redirected: who sends a playlist must not read the disk with it.
  private var protocols: String {
    switch self {
    case .file: "file"
    case .network(let address) where address.isRTSP: "tcp,udp,rtp"
    // `crypto` deciphers the segments of a playlist (RFC 8216 section 4.3.2.4), which it gets by one of the others.
    case .network: "http,https,tcp,tls,httpproxy,crypto"
    // Not the name of any: an empty list would be taken for none.
    case .pipe: "none"
    }
  }

  /// What is played from the network, and what playlists consist of. Not among them is what leads elsewhere past
  /// ``VerifiedOpening`` (MPEG-DASH, SDP), or is none of a camera's or a film's (concat, subtitles, pictures).
  private static let formats =
    "rtsp,hls,mov,mp4,matroska,mpegts,mpeg,flv,avi,asf,ogg,mpjpeg,mjpeg,h264,hevc,m4v,mpegvideo,ivf,yuv4mpegpipe,"
    + "aac,mp3,ac3,eac3,webvtt"

  var options: [(name: String, value: String)] {
    var options = [("protocol_whitelist", protocols)]
    switch self {
    case .file: break
    case .network:
      options += [
        ("format_whitelist", Self.formats), ("rtsp_flags", "prefer_tcp"),
        ("reconnect", "1"), ("reconnect_delay_max", "4"),
        // In microseconds, all of them.
        ("timeout", "10000000"), ("analyzeduration", "2000000"),
      ]
    // Small pictures would be late by what a megabyte holds.
    case .pipe: options += [("analyzeduration", "1000000"), ("formatprobesize", "65536")]
    }
    return options
  }
}
