import NIOCore
import Network
import XMPP

/// Keeps a file at the user's server, for others to fetch: HTTP File Upload (XEP-0363) over one stream.
package struct FileUploader: Sendable {
  let client: XMPPClient
  let caFile: String?
  let eventLoop: any EventLoop

  package init(client: XMPPClient, caFile: String?, eventLoop: any EventLoop) {
    self.client = client
    self.caFile = caFile
    self.eventLoop = eventLoop
  }

  /// Why it is not there, for people.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    fileprivate init(_ description: String) { self.description = description }
  }

  package func findService() async throws(Failure) -> HTTPFileUpload {
    guard let service = await client.uploadService() else {
      throw Failure(
        "\(client.jid.server) does not accept files (XEP-0363), so no picture can be sent: its administrator can enable "
          + "http_file_share in Prosody, or mod_http_upload in ejabberd")
    }
    return service
  }

  /// Where it can be fetched.
  package func upload(
    _ file: ByteBuffer, named name: String, contentType: String, to service: HTTPFileUpload
  ) async throws(Failure) -> HTTPSURL {
    let request: XMLElement
    do throws(HTTPFileUpload.TooLarge) {
      request = try service.slotRequest(filename: name, size: file.readableBytes, contentType: contentType)
    } catch {
      throw Failure(
        "the picture is too large for the server: it has \(file.readableBytes) octets, and \(error.maximum) are allowed"
      )
    }
    let slot: HTTPFileUpload.Slot
    do {
      slot = try HTTPFileUpload.Slot(parsing: try await client.request(request))
    } catch {
      throw Failure("the server does not accept the picture: \(Self.reason(error))")
    }
    do throws(HTTPSPut.Failure) {
      try await HTTPSPut(
        slot: slot, file: file, contentType: contentType, caFile: caFile, eventLoop: eventLoop
      ).run()
    } catch {
      throw Failure("the server's upload service did not store the picture: \(error.reason)")
    }
    return slot.get
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case XMPPRequestError.stanza(let error): PrintableText.from("\(error)", limit: 160)
    case XMPPRequestError.timedOut: "no answer in time"
    case XMPPRequestError.closed: "the connection was lost"
    case HTTPFileUpload.Slot.Failure.notHTTPS: "its address is not an https URL"
    case HTTPFileUpload.Slot.Failure.unusableHeader: "it requires an invalid HTTP header"
    default: "its answer makes no sense"
    }
  }
}
