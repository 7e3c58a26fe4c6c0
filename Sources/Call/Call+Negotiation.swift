import ICE
import Jingle
import NIOCore
import Peer
import XMPP

/// Offer, answer, candidates and ICE restarts (XEP-0166, XEP-0176).
extension Call {
  // MARK: A call of ours

  func initiate(_ device: JID, now: NIODeadline) {
    guard let connection else { return }
    events.append(.connecting(device))
    let offer = JingleMapping.offer(
      of: connection, fingerprint: configuration.certificate.fingerprint, canonicalName: canonicalName,
      senders: configuration.isOneWay ? .initiator : .both, hasSound: hasSound, hearsPeer: hearsPeer,
      candidates: contents.takeEarlyCandidates())
    signalling.initiate(contents: offer.contents, group: offer.group, now: now)
  }

  func takeAnswer(_ answered: [Content], _ group: ContentGroup?, now: NIODeadline) {
    timeline.expectPicture(now: now)
    contents.take(answer: answered)
    do throws(JingleMapping.MappingError) {
      let answer = try JingleMapping.answer(
        answered, group: group, hasSound: hasSound, hearsPeer: hearsPeer)
      contents.isBundled = answer.bundled
      connection?.setRemoteDescription(answer.media, bundled: answer.bundled, now: now)
      resolveNames(in: answered)
    } catch {
      signalling.terminate(JingleMapping.reason(for: error), now: now)
    }
  }

  // MARK: A call that comes in

  func takeOffer(_ offered: [Content], _ group: ContentGroup?, now: NIODeadline) {
    events.append(.connecting(peer))
    contents.take(offer: offered)
    do throws(JingleMapping.MappingError) {
      let offer = try JingleMapping.offer(
        offered, group: group, hasSound: hasSound, hearsPeer: hearsPeer)
      contents.isBundled = offer.bundled
      contents.offer = (offered, offer.media, offer.bundled)
      // Before the sockets are open, so that candidates that follow the offer find their transport.
      makeConnection(offer.media.map(\.kind), role: .controlled)
      connection?.setRemoteDescription(offer.media, bundled: offer.bundled, now: now)
      resolveNames(in: offered)
      events.append(.endpointsWanted)
    } catch {
      signalling.terminate(JingleMapping.reason(for: error), now: now)
    }
  }

  func acceptOffer(now: NIODeadline) {
    guard let connection, let offer = contents.offer.take() else { return }
    timeline.expectPicture(now: now)
    let answer = JingleMapping.answer(
      to: offer.contents, as: (offer.media, offer.isBundled), of: connection,
      fingerprint: configuration.certificate.fingerprint, canonicalName: canonicalName,
      oneWay: configuration.isOneWay, candidates: contents.takeEarlyCandidates())
    signalling.accept(contents: answer.contents, group: answer.group, now: now)
  }

  // MARK: Candidates

  func tell(_ candidate: ICECandidate, of kind: MediaKind, now: NIODeadline) {
    guard !contents.keepsEarly(candidate, of: kind), let connection else { return }
    signalling.sendTransportInfo(
      content: contents.name(of: kind),
      transport: JingleMapping.transport(
        connection.localParameters(of: kind), candidate: candidate, generation: connection.generation(of: kind)),
      now: now)
  }

  /// - Parameter isRestart: its credentials are new: the peer restarts ICE, or answers our restart.
  func take(_ transport: ICEUDPTransport, content: String, isRestart: Bool, now: NIODeadline) {
    guard let kind = contents.kind(of: content) else { return }
    if isRestart, let parameters = JingleMapping.parameters(transport) {
      connection?.restartICE(parameters, for: kind, now: now)
    }
    for candidate in transport.candidates.compactMap(JingleMapping.candidate) {
      connection?.addRemoteCandidate(candidate, for: kind, now: now)
    }
    resolve(transport.candidates, of: kind)
  }

  private func resolveNames(in described: [Content]) {
    for content in described {
      guard let kind = contents.kind(of: content.name) else { continue }
      resolve(content.transport?.candidates ?? [], of: kind)
    }
  }

  private func resolve(_ candidates: [ICEUDPTransport.Candidate], of kind: MediaKind) {
    // Nobody else is to be asked for a path that the policy does not take.
    guard ice.policy == .all else { return }
    for request in names.requests(for: candidates, of: kind) { events.append(.nameToResolve(request)) }
  }

  /// The answer to ``Event/nameToResolve(_:)``.
  ///
  /// - Parameter address: without a port; nil where the name is unknown here.
  package func resolved(_ request: CandidateNames.Request, to address: String?, now: NIODeadline) {
    guard let candidate = names.answer(request, address), outcome == nil else { return }
    connection?.addRemoteCandidate(candidate, for: request.kind, now: now)
    drain(now)
  }

  // MARK: Changes in mid-call

  func restartICE(of kind: MediaKind, now: NIODeadline) {
    guard let parameters = connection?.localParameters(of: kind) else { return }
    events.append(.iceRestart(kind))
    signalling.restartICE(
      content: contents.name(of: kind), usernameFragment: parameters.usernameFragment, password: parameters.password,
      now: now)
  }

  /// XEP-0167 section 8: who holds does not listen, and who mutes does not send, which is no reason to send less.
  func take(_ info: SessionInfo) {
    switch info {
    case .hold: contents.isHeld = true
    case .unhold, .active:
      // After a pause the peer can decode nothing but a key frame.
      if contents.isHeld { events.append(.keyFrameRequested) }
      contents.isHeld = false
    case .mute, .unmute, .ringing, .unknown: break
    }
  }

  /// The viewer need not upload what is dropped here: pictures, and sound that is not heard. Only those who do not
  /// bundle are asked: Conversations, called, ends the call at a content-modify to `initiator`, and it bundles. Dino
  /// accepts it, and 0.4.2 goes on sending.
  func askForOneWay(_ now: NIODeadline) {
    guard !signalling.isIncoming, !configuration.isOneWay, !contents.isBundled else { return }
    let hearsPeer = connection?.receivesSound == true
    // Nor is anything asked of a medium in which nobody sends: it would begin to be sent.
    for kind in [MediaKind.audio, .video] where (kind == .video || !hearsPeer) && !contents.isMuted(kind) {
      signalling.modifySenders(content: contents.name(of: kind), to: .initiator, now: now)
    }
  }
}
