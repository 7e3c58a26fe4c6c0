// swift-tools-version: 6.2
// One module a room; the dependencies below are the architecture and nothing else may be imported.
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
]

// Folding equal code and exporting none of it saves the program that ships three hundredths of its CPU time at 360p;
// relative relocations in their short form (glibc 2.36) take 1.7 MB less to read at its start.
let shipped: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-Xlinker", "--icf=safe", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker",
      "pack-relative-relocs",
    ], .when(configuration: .release))
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioConcurrency: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], resources: resources, swiftSettings: strict)
}

// libFuzzer brings the main function of the fuzzer: only `scripts/fuzz` asks for it, and nothing else builds it.
let fuzzer: [Target] =
  Context.environment["JINGLECAM_FUZZER"] == nil
  ? []
  : [
    .executableTarget(
      name: "Fuzzer",
      dependencies: [
        "Video", "Sound", "Capture", "RTP", "SRTP", "ICE", "XMPP", "Jingle", "Peer", "Call", "Network", "Account",
        "Settings", "Server", "CV4L2", "TestSupport", nioCore,
      ],
      path: "Tests/Fuzzer", exclude: ["Corpus"],
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])], linkerSettings: [.unsafeFlags(["-use-ld=lld"])])
  ]

let package = Package(
  name: "jinglecam",
  products: [
    .executable(name: "jinglecam", targets: ["jinglecam"]),
    // For LD_PRELOAD: tests run the program with a made-up camera.
    .library(name: "CameraStandIn", type: .dynamic, targets: ["CameraStandIn"]),
    // The same with a made-up microphone.
    .library(name: "MicrophoneStandIn", type: .dynamic, targets: ["MicrophoneStandIn"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    .systemLibrary(name: "CVPX", providers: [.apt(["libvpx-dev"])]),
    .systemLibrary(name: "COpus", providers: [.apt(["libopus-dev"])]),
    .systemLibrary(name: "CYUV", providers: [.apt(["libyuv-dev"])]),
    .systemLibrary(name: "CJPEG", providers: [.apt(["libjpeg62-turbo-dev"])]),
    .systemLibrary(name: "CV4L2", providers: [.apt(["libv4l-dev"])]),
    .systemLibrary(name: "CALSA", providers: [.apt(["libasound2-dev"])]),
    .systemLibrary(name: "CSpeexDSP", providers: [.apt(["libspeexdsp-dev"])]),
    .systemLibrary(name: "CSRTP", providers: [.apt(["libsrtp2-dev"])]),
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CIDN2", providers: [.apt(["libidn2-dev"])]),
    .systemLibrary(
      name: "CFFmpeg",
      providers: [
        .apt(["libavformat-dev", "libavcodec-dev", "libavutil-dev", "libswresample-dev", "libswscale-dev"])
      ]),
    .systemLibrary(name: "CQREncode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CResolv", providers: [.apt(["libc6-dev"])]),
    .systemLibrary(name: "CNetlink", providers: [.apt(["linux-libc-dev"])]),
    .systemLibrary(name: "CMalloc", providers: [.apt(["libc6-dev"])]),
    .systemLibrary(name: "CPrctl", providers: [.apt(["libc6-dev"])]),
    .systemLibrary(name: "CSpawn", providers: [.apt(["libc6-dev"])]),
    .systemLibrary(name: "CTimex", providers: [.apt(["libc6-dev"])]),

    room("Spawn", ["CSpawn"]),
    room("Video", [nioCore, "CVPX", "CYUV", "CJPEG"]),
    room("Sound", [nioCore, "COpus", "CSpeexDSP"]),
    room("Capture", ["Spawn", "Video", "Sound", nioCore, "CALSA", "CFFmpeg", "CSpawn", "CV4L2"]),
    room("Studio", ["Video", "Sound", "Capture", nioCore]),
    room("RTP", [nioCore]),
    room("SRTP", [nioCore, "COpenSSL", "CSRTP"]),
    room("ICE", [nioCore, crypto]),
    room("XMPP", [nioCore, crypto, cryptoExtras, "CXML2", "CIDN2"]),
    room("Jingle", ["XMPP", nioCore]),
    room("Peer", ["RTP", "SRTP", "ICE", nioCore]),
    room("Call", ["RTP", "SRTP", "ICE", "XMPP", "Jingle", "Peer", nioCore]),
    room(
      "Network",
      [
        "ICE", "XMPP", "CNetlink", nioCore, nioPosix, nioSSL, .product(name: "NIOTLS", package: "swift-nio"), nioHTTP,
      ]),
    room("State", ["XMPP"]),
    room(
      "Account",
      [
        "State", "XMPP", "Network", "CResolv", nioCore, nioPosix, nioSSL,
        .product(name: "NIOTLS", package: "swift-nio"),
        logging,
      ]),
    room("Settings", ["Video", "Capture", "Studio", "ICE", "XMPP", "Network", "State", "CYAML", nioCore]),
    room(
      "Streamer",
      [
        "Video", "Sound", "Capture", "Studio", "Settings", "RTP", "SRTP", "ICE", "XMPP", "Jingle", "Peer", "Call",
        "Network", "Account", nioCore, nioPosix, logging, signals,
      ]),
    room(
      "Diagnosis",
      [
        "Video", "Capture", "Studio", "Settings", "ICE", "XMPP", "Call", "Network", "State", "Account", "Streamer",
        "CTimex", nioCore, nioPosix, logging,
      ]),
    room(
      "Setup",
      [
        "Video", "Capture", "Studio", "Settings", "XMPP", "Network", "State", "Account", "Diagnosis", "Server", "Spawn",
        "CQREncode", nioCore, nioPosix, logging,
      ]),
    room(
      "Server",
      [
        "Video", "Capture", "Studio", "Settings", "SRTP", "XMPP", "Jingle", "Call", "Network", "State", "Account",
        "Streamer", "Diagnosis", "CMalloc", nioCore, nioPosix, nioHTTP, logging, signals,
      ]),
    .executableTarget(
      name: "jinglecam",
      dependencies: [
        "Server", "Setup", "Diagnosis", "Streamer", "Settings", "Studio", "Account", "State", "Network", "Call",
        "Capture", "ICE", "XMPP", "CPrctl", nioCore, nioPosix, logging, signals,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict, linkerSettings: shipped),

    .target(
      name: "CameraStandIn", path: "Tests/CameraStandIn", cSettings: [.treatAllWarnings(as: .error)]),
    .target(
      name: "MicrophoneStandIn", path: "Tests/MicrophoneStandIn", cSettings: [.treatAllWarnings(as: .error)],
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "TestSupport",
      dependencies: [
        "Spawn", "RTP", "ICE", "XMPP", "Call", "CameraStandIn", "MicrophoneStandIn", "CJPEG", nioCore, nioPosix, nioSSL,
        logging,
      ],
      path: "Tests/TestSupport",
      swiftSettings: strict),
    .executableTarget(
      name: "PacketCost", dependencies: ["RTP", "SRTP", "CSRTP", nioCore], path: "Tests/Benchmarks/PacketCost",
      swiftSettings: strict),
    .executableTarget(
      name: "CameraPictures", dependencies: ["Capture", "Video", "CV4L2", "CYUV"], path: "Tests/CameraPictures",
      swiftSettings: strict),
    tests("SpawnTests", ["Spawn"]),
    tests("VideoTests", ["Video", "Capture", nioCore, "CVPX"]),
    tests("SoundTests", ["Sound", nioCore]),
    tests("CaptureTests", ["Capture", "Video", "Sound", "CV4L2", nioCore]),
    tests("CameraStandInTests", ["CameraStandIn", "CV4L2"]),
    tests("StudioTests", ["Studio", "Capture", "Video", "Sound", nioCore, nioPosix]),
    tests("SettingsTests", ["Settings", "Studio", "State", "Network", "Video", "ICE", "XMPP", nioCore]),
    tests("RTPTests", ["RTP", nioCore]),
    tests("SRTPTests", ["SRTP", "COpenSSL", nioCore]),
    tests("ICETests", ["ICE", nioCore]),
    tests("XMPPTests", ["XMPP", nioCore], resources: [.copy("Fixtures")]),
    tests("JingleTests", ["Jingle", "XMPP", nioCore], resources: [.copy("Fixtures")]),
    tests("PeerTests", ["Peer", "RTP", "SRTP", "ICE", nioCore]),
    tests("CallTests", ["Call", "RTP", "SRTP", "ICE", "XMPP", "Jingle", "Peer", nioCore]),
    tests(
      "NetworkTests",
      [
        "Network", "Account", "XMPP", "Peer", "ICE", "RTP", "SRTP", "CNetlink", nioCore, nioPosix, nioSSL, logging,
        .product(name: "NIOTLS", package: "swift-nio"),
      ]),
    tests("StateTests", ["State"]),
    tests(
      "AccountTests",
      ["Account", "Network", "XMPP", nioCore, nioPosix, nioSSL, nioHTTP, logging]),
    tests(
      "StreamerTests",
      [
        "Streamer", "Settings", "Studio", "Account", "Network", "Call", "XMPP", "Jingle", "Peer", "ICE", "SRTP",
        "Video", nioCore, nioConcurrency, nioPosix, logging,
      ]),
    tests(
      "DiagnosisTests",
      ["Diagnosis", "Streamer", "Settings", "Studio", "Account", "Network", "XMPP", "ICE", "Capture", "Video", nioCore]),
    tests("SetupTests", ["Setup", "Server", "Settings", "Account", "XMPP", "Capture", "Video", nioCore]),
    tests(
      "ServerTests",
      [
        "Server", "Streamer", "Settings", "Studio", "Account", "Capture", "Video", "Call", "Network", "Jingle", "XMPP",
        nioCore, nioConcurrency, nioPosix, logging, .product(name: "NIOEmbedded", package: "swift-nio"),
      ]),
    tests(
      "JinglecamTests",
      [
        "jinglecam", "Server", "Diagnosis", "Streamer", "Settings", "Studio", "Account", "Call", "Jingle", "Peer",
        "ICE", "SRTP", "Capture", nioCore, nioConcurrency, logging,
      ]),
    tests(
      "InteropTests",
      ["Spawn", "Capture", "Video", "Streamer", "Account", "XMPP", "Jingle", nioCore, nioPosix, logging]),
  ] + fuzzer
)
