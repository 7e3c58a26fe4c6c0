import Account
import Call
import ICE
import NIOCore
import Sound
import Studio
import Video
import XMPP

/// The calls of one command, one after the other: where a path is lost for good and the viewer's client takes no ICE
/// restart, only a new call brings the picture back. It has one source and one XMPP stream for all of them; its executor
/// is their event loop.
actor CallSequence {
  private let eventLoop: any EventLoop
  private var current: CallDriver?
  private var servers: [ICEServer]
  private var hasEnded = false
  private var isInterrupted = false

  nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

  init(servers: [ICEServer], on eventLoop: any EventLoop) {
    self.servers = servers
    self.eventLoop = eventLoop
  }

  /// Calls until a call ends for another reason than its path, and answers how.
  func run(
    make: @Sendable (_ servers: [ICEServer], _ streamed: TimeAmount) throws(StreamError) -> CallDriver,
    onNewCall: @Sendable () -> Void
  ) async throws(StreamError) -> FinishedCall {
    var streamed = TimeAmount.zero
    while true {
      let driver = try make(servers, streamed)
      current = driver
      let call = await driver.run()
      guard call.wantsNewCall, !hasEnded, !isInterrupted else { return call }
      streamed = streamed + (call.result.streamingTime ?? .zero)
      onNewCall()
    }
  }

  func interrupt() async {
    isInterrupted = true
    await current?.interrupt()
  }

  /// Stanzas that no stream has an answer to, from the first stream on until there is none any more. Without it a call
  /// cannot be ended properly; it ends there.
  func receive(
    over connection: AccountConnection, from first: XMPPClient, refuse: @Sendable (XMLElement) async -> Void
  ) async {
    var client: XMPPClient? = first
    do throws(XMPPClientError) {
      while let stanzas = client?.stanzas {
        for await stanza in stanzas where await current?.receive(stanza) != true { await refuse(stanza) }
        client = try await connection.next()
      }
    } catch {
      hasEnded = true
      await current?.fail(.account(error))
    }
  }

  func renewCredentials(of servers: [ICEServer]) async {
    self.servers = servers
    await current?.renewCredentials(of: servers)
  }

  /// Sends one encoded frame; the video thread hands it over on the event loop.
  func send(_ frame: EncodedFrame, _ counters: VideoCounters) {
    current?.send(frame, counters)
  }

  /// Sends 20 ms of sound; the sound thread hands it over on the event loop.
  func send(_ sound: EncodedSound, _ counters: SoundCounters) {
    current?.send(sound, counters)
  }

  /// Tells what is known of the present call at this moment, while pictures are sent.
  func record(now: NIODeadline, by record: StreamSession.Record) {
    current?.assumeIsolated { call in
      guard let start = call.streamingSince, let statistics = call.statistics(now: now) else { return }
      record(statistics, start, now)
    }
  }

  func sourceEnded(_ error: StudioError?) {
    hasEnded = true
    current?.sourceEnded(error)
  }
}
