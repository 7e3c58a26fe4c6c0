import Testing

@testable import Account

@Suite("What is said of an outage")
struct OutageCausesTests {
  @Test("is each cause once, and again in the next outage")
  func once() {
    var causes = OutageCauses()
    let said = ["refused", "refused", "no route", "refused", "no route"].map { causes.isNew($0) }
    #expect(said == [true, false, true, false, false])
    causes.end()
    let again = causes.isNew("refused")
    #expect(again)
  }

  @Test("is no flood where each attempt has another cause")
  func bounded() {
    var causes = OutageCauses()
    let said = (0..<1000).count { causes.isNew("cause \($0)") }
    #expect(said == 16)
  }
}
