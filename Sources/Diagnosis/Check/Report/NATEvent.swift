import ICE
import NIOCore

/// How NATs and firewalls between this host and the Internet behave.
struct NATEvent: CheckEvent {
  static let type = "nat"

  let family: String
  let localAddress: String?
  let mappedAddress: String?
  let isTranslated: Bool?
  let mapping: String?
  let filtering: String?
  /// The reasons why mapping and filtering are not known.
  let mappingUnknown: String?
  let filteringUnknown: String?
  /// `rfc5780`, or `comparison` of what several servers see.
  let method: String
  /// Seconds.
  let time: Double

  init(_ behavior: NATBehavior, family: String, method: String, time: TimeAmount) {
    self.family = family
    localAddress = behavior.local?.text
    mappedAddress = behavior.mapped?.text
    isTranslated = behavior.isTranslated
    mapping = behavior.mapping.dependence?.rawValue
    filtering = behavior.filtering.dependence?.rawValue
    mappingUnknown = behavior.mapping.obstacle?.text
    filteringUnknown = behavior.filtering.obstacle?.text
    self.method = method
    self.time = time.seconds
  }

  var text: String {
    let translation =
      switch isTranslated {
      case true?: "behind a NAT"
      case false?: "no NAT"
      case nil: "NAT unknown"
      }
    return
      "\(family): \(translation); \(mappingText); \(filteringText)"
  }

  private var mappingText: String {
    if isTranslated == false { return "every destination sees the same address" }
    return switch mapping.flatMap(NATBehavior.Dependence.init) {
    case .endpointIndependent?: "mapping is the same for every destination"
    case .addressDependent?: "mapping varies by destination (by its address)"
    case .addressAndPortDependent?: "mapping varies by destination (by its address and port)"
    case .destinationDependent?: "mapping varies by destination"
    case nil: "mapping: cannot tell, because \(mappingUnknown ?? "")"
    }
  }

  private var filteringText: String {
    switch filtering.flatMap(NATBehavior.Dependence.init) {
    case .endpointIndependent?: "strangers get in"
    case .addressDependent?: "filtering lets in whoever's address was sent to"
    case .addressAndPortDependent?, .destinationDependent?: "filtering lets in whoever's address and port was sent to"
    case nil: "filtering: cannot tell, because \(filteringUnknown ?? "")"
    }
  }
}

extension NATBehavior.Obstacle {
  var text: String {
    switch self {
    case .noServer: "there is no server to ask"
    case .noAnswer: "no server answers"
    case .uselessAnswer: "the servers that answer tell no address that can be"
    case .oneAddress: "the servers that answer have one address in all"
    case .otherAddressSilent: "the server's other address does not answer"
    case .requestNotHonoured: "the server does not answer from where it is asked to"
    }
  }
}
