import ICE
import Jingle
import NIOCore
import Peer
import XMPP

/// How a call begins: ours with an offer, a viewer's with an answer.
extension CallDriver {
  func begin() async {
    do throws(CommandError) {
      ice = try await setup.ice()
      if call is OutgoingCall { try await open(makePeer([.audio, .video], role: .controlling)) }
    } catch {
      return fail(error)
    }
    // It may be over by now.
    guard outcome == nil else { return }
    if var incoming = call as? IncomingCall {
      incoming.answer(now: .now())
      call = incoming
    } else if call is OutgoingCall {
      reporter.report(.calling, detail: call.peer.description)
      guard var outgoing = call as? OutgoingCall else { return }
      outgoing.propose(now: .now())
      call = outgoing
    }
  }

  // MARK: Ours

  func initiate(_ device: JID) {
    reporter.report(.connecting, detail: device.description)
    isInitiated = true
    let senders: Content.Senders = setup.oneWay ? .initiator : .both
    let (fingerprint, canonicalName, candidates) = (certificate.fingerprint, canonicalName, earlyCandidates)
    let offer = peerDriver?.assumeIsolated { driver in
      driver.with {
        JingleMapping.offer(
          of: $0, fingerprint: fingerprint, canonicalName: canonicalName, senders: senders, candidates: candidates)
      }
    }
    guard let offer, var outgoing = call as? OutgoingCall else { return }
    earlyCandidates = [:]
    outgoing.initiate(contents: offer.contents, group: offer.group, now: .now())
    call = outgoing
  }

  func accept(_ contents: [Content], _ group: ContentGroup?) {
    expectPicture()
    do throws(JingleMapping.MappingError) {
      let answer = try JingleMapping.answer(contents, group: group)
      isBundled = answer.bundled
      peerDriver?.assumeIsolated { driver in
        driver.with { $0.setRemoteDescription(answer.media, bundled: answer.bundled, now: .now()) }
      }
      resolveNames(in: contents)
    } catch {
      call.terminate(JingleMapping.reason(for: error), now: .now())
    }
  }

  private func resolveNames(in contents: [Content]) {
    for content in contents {
      guard let kind = kind(ofContent: content.name) else { continue }
      resolve(content.transport?.candidates ?? [], of: kind)
    }
  }

  // MARK: A viewer's

  func answer(_ contents: [Content], _ group: ContentGroup?) {
    reporter.report(.connecting, detail: call.peer.description)
    contentNames = [:]
    for content in contents {
      guard let media = content.description?.media, let kind = MediaKind(rawValue: media.rawValue) else { continue }
      contentNames[kind] = content.name
    }
    do throws(JingleMapping.MappingError) {
      let offer = try JingleMapping.offer(contents, group: group)
      isBundled = offer.bundled
      // Before the sockets are open, so that candidates that follow the offer find their transport.
      let driver = makePeer(offer.media.map(\.kind), role: .controlled)
      driver.assumeIsolated { driver in
        driver.with { $0.setRemoteDescription(offer.media, bundled: offer.bundled, now: .now()) }
      }
      resolveNames(in: contents)
      Task { await answer(contents, as: offer, by: driver) }
    } catch {
      call.terminate(JingleMapping.reason(for: error), now: .now())
    }
  }

  private func answer(
    _ contents: [Content], as offer: (media: [RemoteMedia], bundled: Bool), by driver: PeerDriver
  ) async {
    do throws(CommandError) {
      try await open(driver)
    } catch {
      logger.error("\(error)")
      call.terminate(Reason(.connectivityError), now: .now())
      return advance()
    }
    guard outcome == nil else { return }
    accept(contents, as: offer, of: driver)
  }

  private func accept(
    _ contents: [Content], as offer: (media: [RemoteMedia], bundled: Bool), of driver: PeerDriver
  ) {
    guard var incoming = call as? IncomingCall else { return }
    isInitiated = true
    expectPicture()
    let (fingerprint, canonicalName, candidates) = (certificate.fingerprint, canonicalName, earlyCandidates)
    let oneWay = setup.oneWay
    let answer = driver.assumeIsolated { driver in
      driver.with {
        JingleMapping.answer(
          to: contents, as: offer, of: $0, fingerprint: fingerprint, canonicalName: canonicalName, oneWay: oneWay,
          candidates: candidates)
      }
    }
    earlyCandidates = [:]
    incoming.accept(contents: answer.contents, group: answer.group, now: .now())
    call = incoming
    advance()
  }
}
