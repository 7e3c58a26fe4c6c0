import Call
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Network
import Testing
import XMPP

@testable import Account
@testable import Settings
@testable import Streamer

@Suite("what is wrong before anything goes over the network")
struct StreamSessionTests {
  private struct Notices: Reporter {
    let texts = NIOLockedValueBox<[String]>([])

    func report(_ state: CallState, detail: String?) {}
    func report(_ statistics: CallStatistics) {}
    func report(_ limit: PictureLimit) {}
    func report(_ summary: CallSummary) {}
    func report(notice: String) { texts.withLockedValue { $0.append(notice) } }
  }

  private let notices = Notices()

  private func failure(source: String, peer: String = "ann@example.net") async throws -> StreamError? {
    let configuration = StreamConfiguration(
      peer: try JID(peer),
      account: Account(
        jid: try JID("cam@example.net"), passwordFile: "/nowhere/password", server: nil, caFile: nil),
      video: .init(source: source, limits: .init(maximumBitrate: 500_000)), connectivity: .init(), duration: nil,
      ringTimeout: .seconds(60), oneWay: false)
    do throws(StreamError) {
      _ = try await StreamSession(configuration, reporter: notices, logger: Logger(label: "test"), abort: {}).run()
      return nil
    } catch {
      return error
    }
  }

  @Test("a source that cannot be played is told before a password that is not there")
  func order() async throws {
    let missing = try #require(try await failure(source: "/nowhere/movie.mp4"))
    guard case .source(.source(.noSuchFile)) = missing else { throw missing }
    #expect(missing.description.contains("/nowhere/movie.mp4"))
    let pattern = try #require(try await failure(source: "pattern:9x"))
    guard case .source(.source(.invalidPattern)) = pattern else { throw pattern }
    let password = try #require(try await failure(source: "pattern"))
    guard case .setting(let error) = password else { throw password }
    #expect(error.kind == .noInput)
    #expect(password.description.contains("/nowhere/password"))
  }

  @Test("whoever calls the camera's own account is told who alone can ring then")
  func ownAccount() async throws {
    _ = try await failure(source: "pattern")
    #expect(notices.texts.withLockedValue { $0 } == [])
    _ = try await failure(source: "pattern", peer: "cam@example.net")
    #expect(notices.texts.withLockedValue { $0 }.map { $0.contains("own account") } == [true])
    // One of its devices was named on purpose.
    _ = try await failure(source: "pattern", peer: "cam@example.net/phone")
    #expect(notices.texts.withLockedValue { $0 }.count == 1)
  }
}
