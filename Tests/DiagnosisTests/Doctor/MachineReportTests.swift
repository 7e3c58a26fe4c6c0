import Glibc
import Testing

@testable import Diagnosis

@Suite("What a doctor says of the machine")
struct MachineReportTests {
  @Test("that has what is needed")
  func fine() {
    let report = MachineReport(isRoot: false, availableMemory: 512 << 20)
    #expect(
      report.findings == [.ok(.permissions, "UDP sockets can be opened"), .ok(.memory, "512 MiB are free")])
    #expect(MachineReport(isRoot: true).findings.map(\.level) == [.ok])
  }

  @Test("that gives no socket")
  func sockets() {
    let findings = MachineReport(isRoot: false, socketError: EAFNOSUPPORT).findings
    #expect(findings.map(\.cause) == [.permission])
    #expect(findings[0].text.contains("Address family not supported"))
    #expect(findings[0].fix?.contains("AF_INET6") == true)
  }

  @Test("under libcamerify, that one heap for its memory is enough, and none is too few")
  func heaps() {
    func findings(_ heaps: [String: Bool], usesLibcamera: Bool = true) -> [DoctorFinding] {
      MachineReport(isRoot: false, usesLibcamera: usesLibcamera, heaps: heaps).findings
    }
    #expect(findings(["/dev/dma_heap/linux,cma": true, "/dev/dma_heap/system": false]).map(\.level) == [.ok])
    let closed = findings(["/dev/dma_heap/system": false])
    #expect(closed.map(\.cause) == [.permission] && closed[0].fix?.contains("usermod -aG video") == true)
    #expect(findings([:]).map(\.cause) == [.permission])
    #expect(findings([:], usesLibcamera: false).map(\.level) == [.ok])
  }

  @Test("that has little memory")
  func memory() {
    let findings = MachineReport(isRoot: false, availableMemory: 60 << 20).findings
    #expect(findings.map(\.level) == [.ok, .warning])
    #expect(findings[1].text.contains("60 MiB") && findings[1].fix?.contains("--size") == true)
  }
}
