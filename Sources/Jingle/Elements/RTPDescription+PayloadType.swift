import XMPP

extension RTPDescription {
  /// A payload type: an encoding, and the number that stands for it in RTP packets (XEP-0167 section 5).
  package struct PayloadType: ElementConvertible {
    package static let parameterLimit = 64

    /// The payload type number, 0...127.
    package var id: UInt8
    /// The name of the encoding, which is required for dynamic payload types (96 and above).
    package var name: String?
    /// The clock rate in hertz.
    package var clockRate: UInt32?
    /// The number of channels, 1 if the attribute is absent.
    package var channels: UInt8
    package var parameters: [Parameter]
    package var feedback: [Feedback]
    /// The parts that could not be read and were left out.
    package private(set) var skipped: [JingleError] = []

    package init(
      id: UInt8, name: String?, clockRate: UInt32?, channels: UInt8 = 1, parameters: [Parameter] = [],
      feedback: [Feedback] = []
    ) {
      precondition(id < 128, "a payload type has 7 bits (RFC 3550 section 5.1)")
      self.id = id
      self.name = name
      self.clockRate = clockRate
      self.channels = channels
      self.parameters = parameters
      self.feedback = feedback
    }

    package init(_ element: XMLElement) throws(JingleError) {
      try element.expect("payload-type", Namespace.rtp)
      id = try element.requiredNumber("id")
      guard id < 128 else { throw .malformedAttribute("id", of: element.name) }
      name = element.token("name")
      do throws(JingleError) { clockRate = try element.number("clockrate") } catch { skipped.append(error) }
      channels = 1
      do throws(JingleError) { channels = try element.number("channels") ?? 1 } catch { skipped.append(error) }
      parameters = element.decode("parameter", Namespace.rtp, limit: Self.parameterLimit, skipped: &skipped)
      feedback = element.decode("rtcp-fb", Namespace.rtcpFeedback, limit: Feedback.limit, skipped: &skipped)
    }

    package var element: XMLElement {
      var element = XMLElement("payload-type", namespace: Namespace.rtp, attributes: ["id": String(id)])
      element["name"] = name
      element["clockrate"] = clockRate.map { String($0) }
      if channels != 1 { element["channels"] = String(channels) }
      element.append(parameters)
      element.append(feedback)
      return element
    }

    /// The value of the parameter with this name.
    package subscript(parameter name: String) -> String? {
      parameters.first { $0.name == name }?.value
    }
  }

  /// A format parameter of a payload type (XEP-0167 section 5, `fmtp` of RFC 4566).
  package struct Parameter: ElementConvertible {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }

    package init(_ element: XMLElement) throws(JingleError) {
      try element.expect("parameter", Namespace.rtp)
      // Clients write a plain fmtp token (such as `0-15` of RFC 4733) with an empty name.
      name = element["name"] ?? ""
      guard let value = element["value"] else { throw .missingAttribute("value", of: element.name) }
      self.value = value
    }

    package var element: XMLElement {
      XMLElement("parameter", namespace: Namespace.rtp, attributes: ["name": name, "value": value])
    }
  }
}
