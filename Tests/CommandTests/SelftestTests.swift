// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

@Suite("saker selftest", .serialized) struct SelftestTests {
    private struct Finding: Decodable {
        var attack: String, what: String, verdict: String, detail: String
    }

    private static let canRun = geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0
        || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"

    @Test("makes each attack, sees it, and exits with 0 only if none was missed", .enabled(if: canRun, "needs root and BTF"))
    func sees() throws {
        let folder = try TemporaryFolder()
        let process = try SakerProcess(["selftest", "--json"], environment: ["TMPDIR": folder.url.path], in: folder)
        let status = try #require(process.end(within: 90), "it did not end: \(process.text)")
        let findings = try process.text.split(separator: "\n").map { try JSONDecoder().decode(Finding.self, from: Data($0.utf8)) }
        #expect(Set(findings.map(\.attack)).count == 14)
        for finding in findings {
            // A kernel may lack 32-bit calls; what it has must be seen.
            #expect(["seen", "impossible"].contains(finding.verdict), "\(finding.attack): \(finding.verdict): \(finding.detail)")
        }
        #expect(findings.count { $0.verdict == "impossible" } <= 3)
        #expect((status == 0) == findings.allSatisfy { ["seen", "impossible"].contains($0.verdict) })
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0.contains("selftest") }
        #expect(left == [])
    }

    @Test("says that it needs root", .enabled(if: geteuid() == 0, "only root can become somebody else"))
    func needsRoot() throws {
        let result = try Tool.run("setpriv", "--reuid=65534", "--clear-groups", SakerProcess.program.path, "selftest")
        #expect(result.code == 2)
        #expect(result.text.contains("needs root"))
    }
}
