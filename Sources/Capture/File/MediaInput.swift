/// An input of FFmpeg, with the protocols and formats that are allowed for it.
enum MediaInput {
  case file(path: String)
  case network(NetworkAddress)
  case pipe(PipeInput)

  /// The name for logs and messages, without secrets.
  var name: String {
    switch self {
    case .file(let path): path
    case .network(let address): address.shown
    case .pipe(let input): input.name
    }
  }

  /// The null-terminated URL for `avformat_open_input`. It is empty for a pipe, which is read by a callback.
  var url: [CChar] {
    switch self {
    case .file(let path): "file:".utf8.map(CChar.init) + FileName.bytes(of: path)
    case .network(let address): Array(address.url.utf8CString)
    case .pipe: [0]
    }
  }

  /// The protocols that the input and what it refers to may use. A playlist on the disk may refer to files only, and one
  /// from the network to addresses only, also by redirection: its sender must not read our disk.
  private var protocols: String {
    switch self {
    case .file: "file"
    case .network(let address) where address.isRTSP: "tcp,udp,rtp"
    // `crypto` decrypts segments (RFC 8216 section 4.3.2.4), which it receives by one of the other protocols.
    case .network: "http,https,tcp,tls,httpproxy,crypto"
    // This is the name of no protocol; FFmpeg treats an empty list as no restriction.
    case .pipe: "none"
    }
  }

  /// The formats of cameras, films and playlists on the network. Left out are those that open addresses without
  /// ``VerifiedOpening`` (MPEG-DASH, SDP) and those that no camera or film uses (concat, pictures).
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
        // These are in microseconds.
        ("timeout", "10000000"), ("analyzeduration", "2000000"),
      ]
    // By default FFmpeg may read up to 1 MB to detect the format, which is many small pictures.
    case .pipe: options += [("analyzeduration", "1000000"), ("formatprobesize", "65536")]
    }
    return options
  }
}
