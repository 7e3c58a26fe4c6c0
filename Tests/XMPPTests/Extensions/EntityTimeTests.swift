import Testing

@testable import XMPP

@Suite("Entity time, XEP-0202")
struct EntityTimeTests {
  private func seconds(_ content: String) throws -> Int64? {
    let result = "<iq type='result'><time xmlns='urn:xmpp:time'>\(content)</time></iq>"
    guard case .stanza(let stanza)? = XMLStreamParserTests.body(result).first else {
      Issue.record("no stanza")
      return nil
    }
    return EntityTime.secondsSince1970(stanza)
  }

  @Test("the request has the form of the XEP")
  func request() throws {
    let server = try JID("example.net")
    let request = EntityTime.request(to: server)
    #expect(request.iqType == .get && request.to == server)
    #expect(request.first("time", "urn:xmpp:time") != nil)
  }

  @Test("the time of a response is read in UTC")
  func parse() throws {
    #expect(try seconds("<tzo>-06:00</tzo><utc>2006-12-19T17:58:35Z</utc>") == 1_166_551_115)
  }

  @Test("a response without a valid time yields nil", arguments: ["", "<utc/>", "<utc>now</utc>", "<tzo>-06:00</tzo>"])
  func malformed(content: String) throws {
    #expect(try seconds(content) == nil)
    #expect(EntityTime.secondsSince1970(XMLElement("iq", namespace: Namespace.client)) == nil)
  }
}
