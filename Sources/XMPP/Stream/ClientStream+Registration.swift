import NIOCore

/// The creation of the account before it logs in on the same stream (XEP-0077 section 3.1.1): the token of an invitation
/// if there is one (XEP-0445), the form, its answer, and then SASL.
extension ClientStream {
  enum RegistrationStep {
    /// Awaits the answer to the token.
    case preauthenticating
    /// Awaits the form.
    case readingForm
    /// Awaits the answer to the form as filled in.
    case submitting

    fileprivate var id: String {
      switch self {
      case .preauthenticating: "preauth"
      case .readingForm: "form"
      case .submitting: "register"
      }
    }
  }

  /// - Parameter features: those of the stream within TLS.
  mutating func register(_ registration: Configuration.Registration, _ features: XMLElement) -> Action {
    guard let token = registration.token else {
      guard AccountRegistration.isOffered(by: features) else { return fail(.registrationNotOffered) }
      return requestForm(features)
    }
    guard AccountRegistration.takesInvitations(features) else { return fail(.invitationsNotOffered) }
    state = .registering(.preauthenticating, features: features)
    return .send(
      XMLWriter.bytes(
        of: AccountRegistration.preauthentication(
          id: RegistrationStep.preauthenticating.id, to: configuration.jid.server, token: token)))
  }

  mutating func register(_ step: RegistrationStep, _ features: XMLElement, _ element: XMLElement) -> Action {
    guard element["id"] == step.id, let type = element.iqType, type == .result || type == .error else {
      state = .registering(step, features: features)
      return .wait
    }
    awaitsRegistration = false
    guard type == .result else {
      let error = StanzaError(parsing: element)
      return fail(step == .preauthenticating ? .invitationRefused(error) : .registrationRefused(error))
    }
    switch step {
    case .preauthenticating: return requestForm(features)
    case .readingForm: return submit(element, features)
    case .submitting:
      hasRegistered = true
      return authenticate(features)
    }
  }

  private mutating func requestForm(_ features: XMLElement) -> Action {
    state = .registering(.readingForm, features: features)
    return .send(
      XMLWriter.bytes(
        of: AccountRegistration.formRequest(id: RegistrationStep.readingForm.id, to: configuration.jid.server)))
  }

  private mutating func submit(_ form: XMLElement, _ features: XMLElement) -> Action {
    do throws(AccountRegistration.Obstacle) {
      let submission = try AccountRegistration.submission(
        of: form, id: RegistrationStep.submitting.id, to: configuration.jid.server,
        username: configuration.jid.local ?? "", password: configuration.password)
      state = .registering(.submitting, features: features)
      awaitsRegistration = true
      return .send(XMLWriter.bytes(of: submission))
    } catch {
      return fail(.registrationObstructed(error))
    }
  }
}
